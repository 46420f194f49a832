package dev.tinsmith.engine.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.Floats;
import dev.tinsmith.engine.LossSpec;
import dev.tinsmith.engine.Tokens;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LossesTest {
    private static final Tokens TOKENS = Tokens.of(5, 6, 7);
    private static final Floats LOGPROBS = Floats.of(-0.5f, -1.5f, -3f);
    private static final Floats SAMPLED = Floats.of(-0.9f, -1.4f, -1f);
    private static final Floats ADVANTAGES = Floats.of(1f, -2f, 0.5f);

    @Test
    void crossEntropyIsTheWeightedSumOfNegativeLogProbabilities() {
        var loss = evaluate("cross_entropy", datum(Map.of("weights", Floats.of(1, 0, 2))));

        assertThat(loss.loss()).isCloseTo(6.5, within(1e-6));
        assertThat(loss.gradient()).isEqualTo(Floats.of(-1, -0f, -2));
    }

    @Test
    void crossEntropyWithoutWeightsCountsEachTokenOnce() {
        assertThat(evaluate("cross_entropy", datum(Map.of())).loss()).isCloseTo(5, within(1e-6));
    }

    @Test
    void crossEntropyWeighsEachOfSeveralTargets() {
        Batch.Datum wide =
                new Batch.Datum(
                        Tokens.of(5, 6),
                        Tokens.of(1, 2, 3, 4),
                        2,
                        new TreeMap<>(Map.of("weights", Floats.of(0.5f, 0.25f, 0, -1))));
        LossSpec spec = LossSpec.named("cross_entropy");
        Losses.check(spec, new Batch(List.of(wide)));

        var loss = Losses.of(spec).evaluate(wide, Floats.of(-1, -2, -3, -4));

        assertThat(loss.loss()).isCloseTo(0.5 + 0.5 - 4, within(1e-6));
        assertThat(loss.gradient()).isEqualTo(Floats.of(-0.5f, -0.25f, -0f, 1));
    }

    @Test
    void importanceSamplingWeighsAdvantagesByTheRatio() {
        double expected = -(Math.exp(0.4) * 1 + Math.exp(-0.1) * -2 + Math.exp(-2) * 0.5);

        assertThat(evaluate("importance_sampling", policyDatum()).loss())
                .isCloseTo(expected, within(1e-6));
    }

    @Test
    void ppoStopsPushingARatioThatLeftItsRange() {
        var loss = evaluate("ppo", policyDatum());

        assertThat(loss.gradient().at(0)).isZero();
        assertThat(loss.gradient().at(1)).isNotZero();
        assertThat(loss.loss())
                .isCloseTo(-(1.2 - 2 * Math.exp(-0.1) + Math.exp(-2) * 0.5), within(1e-6));
    }

    @ParameterizedTest
    @ValueSource(strings = {"clip_low_threshold", "clip_high_threshold"})
    void aRatioOnTheEdgeOfItsRangeIsStillInside(String edge) {
        LossSpec spec = new LossSpec("ppo", new TreeMap<>(Map.of(edge, 1.0)));

        var loss = Losses.of(spec).evaluate(policyDatum(), SAMPLED);

        assertThat(loss.gradient()).isEqualTo(Floats.of(-1, 2, -0.5f));
    }

    @Test
    void cispoKeepsPushingWithAClippedWeight() {
        LossSpec spec = new LossSpec("cispo", new TreeMap<>(Map.of("clip_high_threshold", 1.1)));

        var loss = Losses.of(spec).evaluate(policyDatum(), LOGPROBS);

        assertThat(loss.gradient().at(0)).isCloseTo(-1.1f, within(1e-6f));
    }

    @ParameterizedTest
    @ValueSource(strings = {"cross_entropy", "importance_sampling", "ppo"})
    void theGradientIsTheSlopeOfTheLoss(String name) {
        Batch.Datum datum = name.equals("cross_entropy") ? datum(Map.of()) : policyDatum();
        LossFunction loss = Losses.of(LossSpec.named(name));
        Floats gradient = loss.evaluate(datum, LOGPROBS).gradient();
        float step = 1e-2f;
        for (int t = 0; t < LOGPROBS.length(); t++) {
            double slope =
                    (loss.evaluate(datum, nudged(t, step)).loss()
                                    - loss.evaluate(datum, nudged(t, -step)).loss())
                            / (2 * step);
            assertThat((double) gradient.at(t)).isCloseTo(slope, within(1e-3));
        }
    }

    @Test
    void droPullsTowardsThePolicyThatSampled() {
        LossSpec spec = new LossSpec("dro", new TreeMap<>(Map.of("beta", 0.5)));

        var loss = Losses.of(spec).evaluate(policyDatum(), LOGPROBS);

        double price = 0.25 * (0.4 * 0.4 + 0.1 * 0.1 + 4);
        assertThat(loss.loss()).isCloseTo(price - (-0.5 + 3 - 1.5), within(1e-6));
        assertThat(loss.gradient().at(2)).isCloseTo(0.5f * -2 - 0.5f, within(1e-6f));
    }

    @Test
    void droWithoutABetaUsesTheOneThatIsDocumented() {
        assertThat(Losses.of(LossSpec.named("dro"))).isEqualTo(new Dro(0.05));
    }

    @Test
    void gspoHasOneRatioForTheWholeSequence() {
        var loss = evaluate("gspo", sequenceDatum(1, 1, 0));

        double ratio = Math.exp((0.4 - 0.1) / 2);
        assertThat(loss.loss()).isCloseTo(-ratio * (1 - 2 + 0.5), within(1e-6));
        assertThat(loss.gradient().at(2)).isCloseTo((float) (-ratio * 0.5), within(1e-6f));
    }

    @Test
    void aSequenceOfWhichNoTokenCountsIsRefused() {
        LossSpec spec = LossSpec.named("gspo");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Losses.check(spec, new Batch(List.of(sequenceDatum(0, 0, 0)))))
                .withMessage(
                        "data[0].loss_fn_inputs['sequence_ratio_mask'] is 0 everywhere; at least one token must count for the ratio of its sequence");
    }

    @Test
    void aMaskThatIsNoMaskIsRefused() {
        LossSpec spec = LossSpec.named("gspo");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Losses.check(spec, new Batch(List.of(sequenceDatum(1, 0.5f, 0)))))
                .withMessageContaining("['sequence_ratio_mask'] holds 0.5 at 1");
    }

    @Test
    void aNegativeBetaIsRefused() {
        LossSpec spec = new LossSpec("dro", new TreeMap<>(Map.of("beta", -1.0)));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Losses.of(spec))
                .withMessage("loss_fn_config['beta'] is -1.0; it must be at least 0");
    }

    @Test
    void aLossWhoseFormulaIsNotPublicIsSaidToBeUnsupported() {
        assertThat(Losses.unsupported("stable_reinforce")).isPresent();
        assertThat(Losses.unsupported("ppo")).isEmpty();
    }

    @Test
    void anUnknownLossIsRefusedWithTheNamesThereAre() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Losses.of(LossSpec.named("ppoo")))
                .withMessage(
                        "no loss is called 'ppoo'; there are [cispo, cross_entropy, dro, gspo, importance_sampling, ppo]");
    }

    @Test
    void anUnknownSettingIsRefusedByName() {
        LossSpec spec = new LossSpec("ppo", new TreeMap<>(Map.of("clip_low", 0.5)));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Losses.of(spec))
                .withMessageContaining("loss_fn_config['clip_low'] is not a setting")
                .withMessageContaining("clip_low_threshold");
    }

    @Test
    void thresholdsInTheWrongOrderAreRefused() {
        LossSpec spec = new LossSpec("ppo", new TreeMap<>(Map.of("clip_low_threshold", 2.0)));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Losses.of(spec))
                .withMessageContaining("0 ≤ low ≤ high");
    }

    @Test
    void aMissingInputIsNamed() {
        refused("ppo", Map.of("logprobs", SAMPLED))
                .withMessage(
                        "data[0].loss_fn_inputs['advantages'] is missing; the loss 'ppo' needs it");
    }

    @Test
    void anInputTheLossDoesNotReadIsRefused() {
        refused("cross_entropy", Map.of("advantages", ADVANTAGES))
                .withMessageContaining("loss_fn_inputs['advantages'] is not an input")
                .withMessageContaining("[target_tokens, weights]");
    }

    @Test
    void anInputOfAnotherLengthIsRefused() {
        refused("cross_entropy", Map.of("weights", Floats.of(1, 1)))
                .withMessageContaining("has 2 values; it needs 3");
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void aWeightThatIsNoNumberIsRefused(float value) {
        refused("cross_entropy", Map.of("weights", Floats.of(1, value, 1)))
                .withMessageContaining("at 1; every value must be finite");
    }

    @Test
    void aPolicyLossTakesOneTargetPerPosition() {
        Batch.Datum wide =
                new Batch.Datum(
                        Tokens.of(5),
                        Tokens.of(1, 2),
                        2,
                        new TreeMap<>(
                                Map.of("logprobs", Floats.of(-1), "advantages", Floats.of(1))));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Losses.check(LossSpec.named("ppo"), new Batch(List.of(wide))))
                .withMessageContaining("target_tokens'] has 2 columns");
    }

    private static org.assertj.core.api.ThrowableAssertAlternative<IllegalArgumentException>
            refused(String loss, Map<String, Floats> inputs) {
        return assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        Losses.check(LossSpec.named(loss), new Batch(List.of(datum(inputs)))));
    }

    private static LossFunction.Evaluation evaluate(String loss, Batch.Datum datum) {
        LossSpec spec = LossSpec.named(loss);
        Losses.check(spec, new Batch(List.of(datum)));
        return Losses.of(spec).evaluate(datum, LOGPROBS);
    }

    private static Batch.Datum sequenceDatum(float... mask) {
        return datum(
                Map.of(
                        "logprobs", SAMPLED,
                        "advantages", ADVANTAGES,
                        "sequence_ratio_mask", Floats.of(mask)));
    }

    private static Batch.Datum policyDatum() {
        return datum(Map.of("logprobs", SAMPLED, "advantages", ADVANTAGES));
    }

    private static Batch.Datum datum(Map<String, Floats> inputs) {
        return new Batch.Datum(TOKENS, Tokens.of(6, 7, 8), 1, new TreeMap<>(inputs));
    }

    private static Floats nudged(int position, float by) {
        float[] values = LOGPROBS.toArray();
        values[position] += by;
        return Floats.of(values);
    }
}
