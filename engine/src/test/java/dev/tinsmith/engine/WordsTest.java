package dev.tinsmith.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The words of the port defend themselves.
class WordsTest {

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 3, 12, 256})
    void aRankIsAPowerOfTwoUpTo128(int rank) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LoraSpec(rank, 0, true, true, true))
                .withMessageContaining("rank is " + rank);
    }

    @Test
    void aRunTrainsSomething() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LoraSpec(8, 0, false, false, false))
                .withMessageContaining("at least one must be true");
    }

    @Test
    void theScaleIsThirtyTwoOverTheRank() {
        assertThat(new LoraSpec(8, 0, true, true, true).scale()).isEqualTo(4.0);
    }

    @Test
    void anAdamStepHasFiniteSettingsInTheirRanges() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AdamStep(Double.NaN, 0.9, 0.95, 1e-8, 0, 0))
                .withMessageContaining("learning_rate");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AdamStep(1e-4, 1.0, 0.95, 1e-8, 0, 0))
                .withMessageContaining("beta1 is 1.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AdamStep(1e-4, 0.9, 0.95, 1e-8, -0.1, 0))
                .withMessageContaining("weight_decay");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AdamStep(1e-4, 0.9, 0.95, 1e-8, 0, Double.NaN))
                .withMessageContaining("grad_clip_norm");
    }

    @Test
    void aBatchHasADatumAndADatumHasATokenAndATargetForEach() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Batch(List.of()))
                .withMessageContaining("data is empty");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> datum(Tokens.of(), Tokens.of()))
                .withMessageContaining("model_input is empty");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> datum(Tokens.of(1, 2), Tokens.of(2)))
                .withMessageContaining("target_tokens has 1 values for 2 input tokens");
    }

    @Test
    void samplingSettingsStayInTheirRanges() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> sampling(0, 1, 1))
                .withMessageContaining("max_tokens is 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> sampling(1, -1, 1))
                .withMessageContaining("temperature is -1.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> sampling(1, 1, 0))
                .withMessageContaining("top_p is 0.0");
    }

    @Test
    void aSampleHasAPromptAndACount() {
        Weights weights = new Weights.Plain(new Base("a/b", Path.of("b")));
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new Sample(
                                weights,
                                Tokens.of(),
                                1,
                                sampling(1, 1, 1),
                                Sample.PromptScore.NONE,
                                0))
                .withMessageContaining("prompt is empty");
    }

    @Test
    void rowsAreCopiedInAndOutAndEqualByContent() {
        int[] ids = {1, 2};
        Tokens tokens = Tokens.of(ids);
        ids[0] = 9;
        tokens.toArray()[1] = 9;

        assertThat(tokens).isEqualTo(Tokens.of(1, 2)).hasSameHashCodeAs(Tokens.of(1, 2));
        assertThat(Floats.of(Float.NaN)).isEqualTo(Floats.of(Float.NaN));
        assertThat(Tokens.of(1, 2)).hasToString("[1, 2]");
    }

    private static Batch.Datum datum(Tokens tokens, Tokens targets) {
        return new Batch.Datum(tokens, targets, 1, new TreeMap<>());
    }

    private static SamplingSpec sampling(int maxTokens, double temperature, double topP) {
        return new SamplingSpec(
                maxTokens, temperature, -1, topP, 0, Set.of(), SamplingSpec.StopText.NONE);
    }
}
