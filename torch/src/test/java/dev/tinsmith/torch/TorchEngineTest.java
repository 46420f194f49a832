package dev.tinsmith.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tinsmith.engine.AdamStep;
import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.Fault;
import dev.tinsmith.engine.Floats;
import dev.tinsmith.engine.LoraSpec;
import dev.tinsmith.engine.LossSpec;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.engine.Tokens;
import dev.tinsmith.engine.Work;
import dev.tinsmith.torch.ops.DeviceKind;
import dev.tinsmith.torch.ops.DtypeChoice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchEngineTest {
    private static final RunId RUN = new RunId("run");
    private static final RunId OTHER = new RunId("other");
    private static final LossSpec CROSS_ENTROPY = LossSpec.named("cross_entropy");
    private static final AdamStep STEP = new AdamStep(1e-2, 0.9, 0.95, 1e-8, 0.01, 1);
    private static final TorchEngine.Options F32 =
            new TorchEngine.Options(DtypeChoice.FP32, 2, 512, DeviceKind.CPU);

    @TempDir private Path directory;
    private Base base = new Base("", Path.of(""));
    private TorchEngine engine = TorchEngine.open(F32);

    @BeforeEach
    void writeBase() {
        base = Tiny.base(directory);
    }

    @AfterEach
    void close() {
        engine.close();
    }

    private void open(RunId run) {
        assertThat(engine.compute(new Work.Open(run, base, Tiny.LORA)))
                .isEqualTo(new Outcome.Done());
    }

    private static Batch batch(long seed) {
        Random random = new Random(seed);
        return new Batch(
                List.of(
                        Tiny.datum(random, 20, 1),
                        Tiny.datum(random, 150, 1),
                        Tiny.datum(random, 3, 2)));
    }

    private Outcome.Passed forwardBackward(RunId run, Batch batch) {
        return passed(engine.compute(new Work.ForwardBackward(run, batch, CROSS_ENTROPY)));
    }

    private Outcome.Passed forward(RunId run, Batch batch) {
        return passed(engine.compute(new Work.Forward(run, batch, CROSS_ENTROPY)));
    }

    private static Outcome.Passed passed(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Passed.class);
        return (Outcome.Passed) outcome;
    }

    private double step(RunId run) {
        Outcome outcome = engine.compute(new Work.OptimStep(run, STEP));
        assertThat(outcome).isInstanceOf(Outcome.Stepped.class);
        return ((Outcome.Stepped) outcome).gradNorm();
    }

    private static double loss(Outcome.Passed passed) {
        return passed.metrics().getOrDefault("loss:sum", Double.NaN);
    }

    private static Outcome.Failed failed(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Failed.class);
        return (Outcome.Failed) outcome;
    }

    @Test
    void aRunThatWasKeptGoesOnToTheBitGradientsIncluded() throws IOException {
        open(RUN);
        forwardBackward(RUN, batch(1));
        step(RUN);
        forwardBackward(RUN, batch(2));
        Path folder = Files.createDirectory(directory.resolve("kept"));
        assertThat(engine.compute(new Work.Keep(RUN, folder))).isEqualTo(new Outcome.Done());
        assertThat(engine.compute(new Work.Resume(OTHER, base, folder)))
                .isEqualTo(new Outcome.Done());

        for (int i = 3; i < 6; i++) {
            assertThat(forwardBackward(OTHER, batch(i))).isEqualTo(forwardBackward(RUN, batch(i)));
            assertThat(step(OTHER)).isEqualTo(step(RUN));
        }
    }

    @Test
    void aRunThatHasDoneNothingIsKeptToo() throws IOException {
        open(RUN);
        Path folder = Files.createDirectory(directory.resolve("kept"));
        assertThat(engine.compute(new Work.Keep(RUN, folder))).isEqualTo(new Outcome.Done());
        assertThat(engine.compute(new Work.Resume(OTHER, base, folder)))
                .isEqualTo(new Outcome.Done());

        assertThat(forwardBackward(OTHER, batch(1))).isEqualTo(forwardBackward(RUN, batch(1)));
        assertThat(step(OTHER)).isEqualTo(step(RUN));
    }

    @Test
    void aBrokenStateIsRefusedByName() throws IOException {
        Path folder = Files.createDirectory(directory.resolve("kept"));
        Files.writeString(folder.resolve("state.safetensors"), "nothing");

        assertThat(failed(engine.compute(new Work.Resume(RUN, base, folder))).reason())
                .contains("state.safetensors");
    }

    @Test
    void theLossFalls() {
        open(RUN);
        Batch batch =
                new Batch(
                        List.of(
                                new Batch.Datum(
                                        Tokens.of(1, 2, 3, 4),
                                        Tokens.of(2, 3, 4, 5),
                                        1,
                                        new TreeMap<>())));
        double first = loss(forwardBackward(RUN, batch));
        for (int i = 0; i < 20; i++) {
            step(RUN);
            forwardBackward(RUN, batch);
        }

        assertThat(loss(forward(RUN, batch))).isLessThan(first / 2);
    }

    @Test
    void tenStepsTwiceGiveTheSameBits() {
        List<Double> first = tenSteps(RUN);

        assertThat(tenSteps(OTHER)).isEqualTo(first);
    }

    private List<Double> tenSteps(RunId run) {
        open(run);
        List<Double> losses = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            losses.add(loss(forwardBackward(run, batch(i))));
            losses.add(step(run));
        }
        return losses;
    }

    @Test
    void gradientsAddUpUntilTheStep() {
        open(RUN);
        open(OTHER);
        Batch both = batch(1);
        for (Batch.Datum datum : both.data()) {
            forwardBackward(RUN, new Batch(List.of(datum)));
        }
        forwardBackward(OTHER, both);

        assertThat(step(RUN)).isCloseTo(step(OTHER), within(1e-3));
        assertThat(loss(forward(RUN, both))).isCloseTo(loss(forward(OTHER, both)), within(1e-2));
    }

    @Test
    void forwardLeavesNoGradient() {
        open(RUN);
        forward(RUN, batch(1));

        assertThat(step(RUN)).isZero();
    }

    @Test
    void forwardAndForwardBackwardGiveTheSameLogprobs() {
        open(RUN);

        assertThat(forward(RUN, batch(1)).logprobs())
                .isEqualTo(forwardBackward(RUN, batch(1)).logprobs());
    }

    @Test
    void savedAndLoadedGoesOnAsIfNothingHadHappened() throws IOException {
        open(RUN);
        forwardBackward(RUN, batch(1));
        step(RUN);
        forwardBackward(RUN, batch(2));
        step(RUN);
        Path checkpoint = Files.createDirectory(directory.resolve("checkpoint"));
        assertThat(engine.compute(new Work.Save(RUN, checkpoint, true)))
                .isEqualTo(new Outcome.Done());
        assertThat(engine.compute(new Work.Load(OTHER, base, checkpoint, true)))
                .isEqualTo(new Outcome.Loaded(Tiny.LORA));

        for (int i = 3; i < 6; i++) {
            assertThat(forwardBackward(OTHER, batch(i))).isEqualTo(forwardBackward(RUN, batch(i)));
            assertThat(step(OTHER)).isEqualTo(step(RUN));
        }
        assertThat(forward(OTHER, batch(9))).isEqualTo(forward(RUN, batch(9)));
    }

    @Test
    void loadingIntoARunReplacesItsAdapterAndClearsItsGradients() throws IOException {
        open(RUN);
        Outcome.Passed fresh = forward(RUN, batch(1));
        Path checkpoint = Files.createDirectory(directory.resolve("checkpoint"));
        engine.compute(new Work.Save(RUN, checkpoint, false));
        forwardBackward(RUN, batch(1));
        step(RUN);
        forwardBackward(RUN, batch(1));
        engine.compute(new Work.Load(RUN, base, checkpoint, false));

        assertThat(forward(RUN, batch(1))).isEqualTo(fresh);
        assertThat(step(RUN)).isZero();
    }

    @Test
    void aCheckpointWithoutOptimizerIsNotResumed() throws IOException {
        open(RUN);
        Path checkpoint = Files.createDirectory(directory.resolve("checkpoint"));
        engine.compute(new Work.Save(RUN, checkpoint, false));

        assertThat(failed(engine.compute(new Work.Load(OTHER, base, checkpoint, true))).reason())
                .contains("no optimizer state");
        assertThat(
                        failed(engine.compute(new Work.Forward(OTHER, batch(1), CROSS_ENTROPY)))
                                .reason())
                .contains("no run other");
    }

    @Test
    void aSeedDecidesAndAFreshAdapterChangesNothing() {
        open(RUN);
        engine.compute(new Work.Open(OTHER, base, new LoraSpec(8, 1, true, false, false)));

        assertThat(forward(OTHER, batch(1)).logprobs())
                .isEqualTo(forward(RUN, batch(1)).logprobs());
        assertThat(loss(forwardBackward(OTHER, batch(1)))).isFinite();
        assertThat(step(OTHER)).isPositive();
    }

    @Test
    void aRequestThatFailsLeavesTheRunAsItWas() {
        open(RUN);
        open(OTHER);
        forwardBackward(RUN, batch(1));
        forwardBackward(OTHER, batch(1));
        Batch.Datum good = Tiny.datum(new Random(1), 4, 1);
        Batch.Datum bad =
                new Batch.Datum(
                        good.tokens(),
                        good.targets(),
                        1,
                        new TreeMap<>(Map.of("weights", Floats.of(3e38f, 3e38f, 3e38f, 3e38f))));
        Outcome.Failed outcome =
                failed(
                        engine.compute(
                                new Work.ForwardBackward(
                                        RUN, new Batch(List.of(good, bad)), CROSS_ENTROPY)));

        assertThat(outcome.fault()).isEqualTo(Fault.USER);
        assertThat(step(RUN)).isEqualTo(step(OTHER));
    }

    @Test
    void aTokenThatTheModelDoesNotKnowIsRefusedByPlace() {
        open(RUN);
        Batch.Datum datum =
                new Batch.Datum(Tokens.of(1, 2, 400), Tokens.of(2, 3, 4), 1, new TreeMap<>());

        assertThat(
                        failed(
                                engine.compute(
                                        new Work.Forward(
                                                RUN, new Batch(List.of(datum)), CROSS_ENTROPY))))
                .isEqualTo(
                        new Outcome.Failed(
                                Fault.USER,
                                "data[0].model_input has token 400 at position 2; this model's tokens are 0 to 100"));
    }

    @Test
    void aDatumLongerThanTheContextIsRefused() {
        open(RUN);
        Batch batch = new Batch(List.of(Tiny.datum(new Random(1), 601, 1)));

        assertThat(failed(engine.compute(new Work.Forward(RUN, batch, CROSS_ENTROPY))).reason())
                .isEqualTo("data[0].model_input has 601 tokens; this model takes at most 600");
    }

    @Test
    void aRunThatIsNotThereIsRefusedByName() {
        assertThat(failed(engine.compute(new Work.OptimStep(OTHER, STEP))))
                .isEqualTo(
                        new Outcome.Failed(
                                Fault.USER, "there is no run other; create it or load it first"));
    }

    @Test
    void anArchitectureThatNobodyKnowsIsRefusedWithThoseThatAre() throws IOException {
        Files.writeString(base.folder().resolve("config.json"), "{\"architectures\": [\"Mamba\"]}");

        Outcome.Failed outcome = failed(engine.load(base));

        assertThat(outcome.reason()).contains("Mamba").contains("LlamaForCausalLM");
    }

    @Test
    void theLossHasTheLastWordOnItsInputs() {
        open(RUN);

        assertThat(
                        failed(
                                        engine.compute(
                                                new Work.Forward(
                                                        RUN, batch(1), LossSpec.named("ppo"))))
                                .fault())
                .isEqualTo(Fault.USER);
    }

    @Test
    void aGpuThatIsNotThereIsRefused() {
        assertThat(TorchEngine.Options.DEFAULT.passTokens()).isPositive();
        assertThat(engine.describe()).contains("libtorch 2.10.0").contains("F32 (asked for)");
        assertThat(engine.losesBitsOf()).isEmpty();
    }
}
