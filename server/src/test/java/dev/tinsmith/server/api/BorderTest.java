package dev.tinsmith.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tinsmith.engine.AdamStep;
import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.Floats;
import dev.tinsmith.engine.LoraSpec;
import dev.tinsmith.engine.LossSpec;
import dev.tinsmith.engine.Tokens;
import dev.tinsmith.protocol.Datum;
import dev.tinsmith.protocol.Ints;
import dev.tinsmith.protocol.ModelInput;
import dev.tinsmith.protocol.Models;
import dev.tinsmith.protocol.Sampling;
import dev.tinsmith.protocol.TensorData;
import dev.tinsmith.protocol.Training;
import dev.tinsmith.server.http.Refusal;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class BorderTest {
    private static final int VOCABULARY = 100;
    private static final int CONTEXT = 8;

    @Test
    void aDatumCrossesWithItsChunksJoined() {
        Batch batch =
                batch(
                        datum(
                                List.of(text(1, 2), text(), text(3)),
                                Map.of(
                                        "target_tokens", integers(2, 3, 4),
                                        "weights", reals(0, 1, 0.5))));

        assertThat(batch.data())
                .containsExactly(
                        new Batch.Datum(
                                Tokens.of(1, 2, 3),
                                Tokens.of(2, 3, 4),
                                1,
                                new TreeMap<>(Map.of("weights", Floats.of(0, 1, 0.5f)))));
    }

    @Test
    void targetsOfSeveralColumnsKeepTheirWidth() {
        Batch batch =
                batch(
                        datum(
                                List.of(text(1, 2)),
                                Map.of(
                                        "target_tokens",
                                        TensorData.of(
                                                TensorData.Type.INTEGER,
                                                List.of(2, 3),
                                                1,
                                                2,
                                                3,
                                                4,
                                                5,
                                                6))));

        assertThat(batch.data().getFirst().width()).isEqualTo(3);
    }

    @Test
    void advantagesMayComeAsIntegers() {
        Batch batch =
                batch(
                        datum(
                                List.of(text(1)),
                                Map.of(
                                        "target_tokens", integers(2),
                                        "advantages", integers(-3))));

        assertThat(batch.data().getFirst().input("advantages")).hasValue(Floats.of(-3));
    }

    @Test
    void anEmptyBatchIsRefused() {
        assertRefused(() -> batch(), "data is empty; it must hold at least one datum");
    }

    @Test
    void anEmptyInputIsRefusedWithItsPlace() {
        Datum good = datum(List.of(text(1)), Map.of("target_tokens", integers(2)));

        assertRefused(
                () -> batch(good, datum(List.of(text()), Map.of("target_tokens", integers()))),
                "data[1].model_input is empty; it must hold at least one token");
    }

    @Test
    void anInputBeyondTheContextIsRefused() {
        assertRefused(
                () ->
                        batch(
                                datum(
                                        List.of(text(new int[CONTEXT + 1])),
                                        Map.of("target_tokens", reals(new double[CONTEXT + 1])))),
                "data[0].model_input has 9 tokens; this model reads at most 8");
    }

    @Test
    void aTokenOutsideTheVocabularyIsRefused() {
        assertRefused(
                () ->
                        batch(
                                datum(
                                        List.of(text(1), text(VOCABULARY)),
                                        Map.of("target_tokens", integers(2, 3)))),
                "data[0].model_input token 1 is 100; the vocabulary of this model has the ids 0 to 99");
        assertRefused(
                () -> batch(datum(List.of(text(1)), Map.of("target_tokens", integers(-1)))),
                "data[0].loss_fn_inputs['target_tokens'] value 0 is -1; the vocabulary of this model has the ids 0 to 99");
        assertRefused(
                () -> batch(datum(List.of(text(1)), Map.of("target_tokens", integers(1e18)))),
                "data[0].loss_fn_inputs['target_tokens'] value 0 is 1000000000000000000; the vocabulary of this model has the ids 0 to 99");
    }

    @Test
    void aTargetThatIsNoIdIsRefused() {
        assertRefused(
                () -> batch(datum(List.of(text(1)), Map.of("target_tokens", reals(1.5)))),
                "data[0].loss_fn_inputs['target_tokens'] holds 1.5 at 0; it must hold token ids");
        assertRefused(
                () -> batch(datum(List.of(text(1)), Map.of("target_tokens", reals(Double.NaN)))),
                "data[0].loss_fn_inputs['target_tokens'] holds NaN at 0; it must hold token ids");
    }

    @Test
    void targetsMustBeThereAndAsManyAsTokens() {
        assertRefused(
                () -> batch(datum(List.of(text(1)), Map.of("weights", reals(1)))),
                "data[0].loss_fn_inputs['target_tokens'] is missing; every loss needs it");
        assertRefused(
                () -> batch(datum(List.of(text(1, 2)), Map.of("target_tokens", integers(1, 2, 3)))),
                "data[0].loss_fn_inputs['target_tokens'] has the shape [3]; model_input has 2 tokens, so it must be [2]");
    }

    @Test
    void aTableLaidOnItsSideIsRefused() {
        TensorData sideways = TensorData.of(TensorData.Type.REAL, List.of(3, 2), 1, 2, 3, 4, 5, 6);
        TensorData upright =
                TensorData.of(TensorData.Type.INTEGER, List.of(2, 3), 1, 2, 3, 4, 5, 6);

        assertRefused(
                () ->
                        batch(
                                datum(
                                        List.of(text(1, 2)),
                                        Map.of("target_tokens", upright, "weights", sideways))),
                "data[0].loss_fn_inputs['weights'] has the shape [3, 2]; model_input has 2 tokens, so it must be [2] or [2, 3]");
    }

    @Test
    void aPictureIsRefusedByName() {
        assertRefused(
                () ->
                        batch(
                                datum(
                                        List.of(text(1), new ModelInput.Image()),
                                        Map.of("target_tokens", integers(1)))),
                "data[0].model_input.chunks[1] is of the type 'image'; the models of this server read encoded_text only");
    }

    @Test
    void aLossCrossesWithItsNumbersAndNothingElse() {
        assertThat(loss(new Training.Setting.Amount(0.5)))
                .isEqualTo(new LossSpec("ppo", new TreeMap<>(Map.of("k", 0.5))));
        assertRefused(
                () -> loss(new Training.Setting.Text("high")),
                "loss_fn_config['k'] is 'high'; it must be a number");
    }

    @Test
    void anAdapterCrossesWithTheDefaultsOfTheClient() {
        assertThat(Border.lora(Models.LoraConfig.DEFAULT, () -> 9L))
                .isEqualTo(new LoraSpec(32, 9, true, true, true));
        assertThat(
                        Border.lora(
                                new Models.LoraConfig(
                                        Optional.of(8),
                                        Optional.of(new Sampling.Seed(4)),
                                        Optional.of(false),
                                        Optional.of(true),
                                        Optional.of(false)),
                                () -> 9L))
                .isEqualTo(new LoraSpec(8, 4, false, true, false));
    }

    @Test
    void aRankThatCannotBeIsRefused() {
        assertRefused(
                () ->
                        Border.lora(
                                new Models.LoraConfig(
                                        Optional.of(33),
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.empty()),
                                () -> 9L),
                "lora_config: rank is 33; it must be a power of two from 1 to 128");
    }

    @Test
    void aStepCrossesWithTheDefaultsOfTheClient() {
        assertThat(Border.adam(step(Optional.empty())))
                .isEqualTo(new AdamStep(1e-4, 0.9, 0.95, 1e-12, 0, 0));
    }

    @Test
    void aStepThatCannotBeIsRefused() {
        assertRefused(
                () ->
                        Border.adam(
                                step(
                                        Optional.of(
                                                new Training.AdamParams(
                                                        1e-4,
                                                        Optional.of(1.0),
                                                        Optional.empty(),
                                                        Optional.empty(),
                                                        Optional.empty(),
                                                        Optional.empty())))),
                "adam_params: beta1 is 1.0; it must be at least 0 and below 1");
        assertRefused(
                () ->
                        Border.adam(
                                new Training.OptimStep(
                                        "m", 1, Optional.empty(), Optional.of(Map.of()))),
                "optimizer_params belong to other optimizers; this run's is adamw, so send adam_params");
    }

    @Test
    void onlyAdamwIsOffered() {
        Border.optimizer(Optional.empty());
        Border.optimizer(Optional.of(Models.OptimizerConfig.ADAMW));
        assertRefused(
                () ->
                        Border.optimizer(
                                Optional.of(
                                        new Models.OptimizerConfig(
                                                "dimuon", new TreeSet<>(List.of("version"))))),
                "optimizer_config.type is 'dimuon'; this server has adamw");
        assertRefused(
                () ->
                        Border.optimizer(
                                Optional.of(
                                        new Models.OptimizerConfig(
                                                "adamw", new TreeSet<>(List.of("beta3"))))),
                "optimizer_config has the settings [beta3], which adamw does not know here; send adam_params with optim_step");
    }

    private static LossSpec loss(Training.Setting setting) {
        return Border.loss(
                new Training.ForwardBackward(
                        "m", 1, List.of(), "ppo", new TreeMap<>(Map.of("k", setting)), false));
    }

    private static Training.OptimStep step(Optional<Training.AdamParams> params) {
        return new Training.OptimStep("m", 1, params, Optional.empty());
    }

    private static Batch batch(Datum... data) {
        return Border.batch(
                new Training.ForwardBackward(
                        "m",
                        1,
                        List.of(data),
                        "cross_entropy",
                        Collections.emptySortedMap(),
                        false),
                VOCABULARY,
                CONTEXT);
    }

    private static Datum datum(List<ModelInput.Chunk> chunks, Map<String, TensorData> inputs) {
        return new Datum(new ModelInput(chunks), new TreeMap<>(inputs));
    }

    private static ModelInput.Chunk text(int... tokens) {
        return new ModelInput.EncodedText(Ints.of(tokens));
    }

    private static TensorData integers(double... values) {
        return TensorData.of(TensorData.Type.INTEGER, List.of(values.length), values);
    }

    private static TensorData reals(double... values) {
        return TensorData.of(TensorData.Type.REAL, List.of(values.length), values);
    }

    private static void assertRefused(ThrowingCallable crossing, String sentence) {
        assertThatExceptionOfType(Refusal.class)
                .isThrownBy(crossing)
                .withMessage(sentence)
                .matches(refusal -> refusal.status() == 400);
    }
}
