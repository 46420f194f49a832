package dev.tinsmith.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.Floats;
import dev.tinsmith.engine.LossSpec;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.engine.Work;
import dev.tinsmith.engine.loss.LossFunction;
import dev.tinsmith.engine.loss.Losses;
import dev.tinsmith.torch.ops.DeviceKind;
import dev.tinsmith.torch.ops.DtypeChoice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What we compute against what transformers, peft and `torch.optim` compute, in single precision.
class GoldenTest {
    private static final RunId RUN = new RunId("golden");
    private static final LossSpec CROSS_ENTROPY = LossSpec.named("cross_entropy");
    private static final int VOCABULARY = 288;

    @TempDir private Path directory;
    private final TorchEngine engine =
            TorchEngine.open(new TorchEngine.Options(DtypeChoice.FP32, 2, 512, DeviceKind.CPU));

    @AfterEach
    void close() {
        engine.close();
    }

    @ParameterizedTest
    @MethodSource("dev.tinsmith.torch.GoldenCase#all")
    void theBaseGivesEveryTokenItsLogprob(String name) {
        GoldenCase golden = new GoldenCase(name);
        done(new Work.Open(RUN, golden.base(), golden.lora()));

        expectLogits(golden, "logits.base");
    }

    @ParameterizedTest
    @MethodSource("dev.tinsmith.torch.GoldenCase#all")
    void theAdapterGivesEveryTokenItsLogprob(String name) {
        GoldenCase golden = new GoldenCase(name);
        load(golden);

        expectLogits(golden, "logits.adapted");
    }

    private void expectLogits(GoldenCase golden, String tensor) {
        Outcome.Passed passed =
                passed(new Work.Forward(RUN, golden.everyToken(VOCABULARY), CROSS_ENTROPY));

        assertThat(passed.logprobs().getFirst().toArray())
                .containsExactly(
                        GoldenCase.logSoftmax(golden.expected(tensor), VOCABULARY),
                        within(Tolerance.LOGPROB));
    }

    @ParameterizedTest
    @CsvSource({
        "untied, cross_entropy",
        "untied, importance_sampling",
        "untied, ppo",
        "untied, cispo",
        "tied, cross_entropy",
        "tied, importance_sampling",
        "tied, ppo",
        "tied, cispo",
        "rope, cross_entropy",
        "wide_heads, cross_entropy",
        "sharded, cross_entropy",
        "bf16, cross_entropy",
        "mistral, cross_entropy",
        "qwen2, cross_entropy",
        "qwen3, cross_entropy",
        "gemma2, cross_entropy",
        "gemma3, cross_entropy",
        "yarn, cross_entropy",
        "mixtral, cross_entropy",
        "qwen3_moe, cross_entropy"
    })
    void everyTargetHasItsLogprobAndTheLossItsValueAndSlope(String name, String loss) {
        GoldenCase golden = new GoldenCase(name);
        load(golden);
        Batch batch = golden.batch(loss);
        Outcome.Passed passed = passed(new Work.Forward(RUN, batch, golden.loss(loss)));

        assertThat(loss(passed))
                .isCloseTo(golden.lossValue(loss), within(batch.tokens() * Tolerance.LOSS));
        LossFunction function = Losses.of(golden.loss(loss));
        for (int index = 0; index < batch.data().size(); index++) {
            Floats logprobs = passed.logprobs().get(index);
            assertThat(logprobs.toArray())
                    .containsExactly(
                            golden.expected("logprobs." + index), within(Tolerance.LOGPROB));
            assertThat(function.evaluate(batch.data().get(index), logprobs).gradient().toArray())
                    .containsExactly(
                            golden.expected("%s.dlogprobs.%d".formatted(loss, index)),
                            within(Tolerance.SLOPE));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "untied, cross_entropy",
        "untied, importance_sampling",
        "untied, ppo",
        "untied, cispo",
        "tied, cross_entropy",
        "rope, cross_entropy",
        "wide_heads, cross_entropy",
        "sharded, cross_entropy",
        "bf16, cross_entropy",
        "mistral, cross_entropy",
        "qwen2, cross_entropy",
        "qwen3, cross_entropy",
        "gemma2, cross_entropy",
        "gemma3, cross_entropy",
        "yarn, cross_entropy",
        "mixtral, cross_entropy",
        "qwen3_moe, cross_entropy"
    })
    void everyFactorHasItsGradient(String name, String loss) throws IOException {
        GoldenCase golden = new GoldenCase(name);
        Map<String, TinyModel.Weight> gradients =
                Gradients.of(golden, loss, Files.createDirectory(directory.resolve("gradients")));

        List<String> factors = golden.names(loss + ".gradient.");
        assertThat(gradients).containsOnlyKeys(factors);
        for (String factor : factors) {
            close(
                    factor,
                    values(gradients, factor),
                    golden.expected("%s.gradient.%s".formatted(loss, factor)),
                    Tolerance.GRADIENT);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"untied", "tied", "rope", "wide_heads", "sharded", "bf16"})
    void tenStepsOfAdamWEndWhereTheOriginalEnds(String name) throws IOException {
        GoldenCase golden = new GoldenCase(name);
        load(golden);
        List<GoldenCase.Step> steps = golden.steps();
        for (int step = 1; step <= steps.size(); step++) {
            GoldenCase.Step expected = steps.get(step - 1);
            Batch batch = golden.batch("cross_entropy");
            Outcome.Passed passed = passed(new Work.ForwardBackward(RUN, batch, CROSS_ENTROPY));
            assertThat(loss(passed))
                    .isCloseTo(expected.loss(), within(batch.tokens() * Tolerance.LOSS));
            assertThat(norm(golden))
                    .isCloseTo(
                            expected.gradientNorm(),
                            withinPercentage(100 * Tolerance.GRADIENT_NORM));
            Map<String, TinyModel.Weight> factors = Tiny.factors(save(step, false));
            for (String factor : golden.names("step.%d.".formatted(step))) {
                assertThat(values(factors, factor))
                        .as("step %d, %s", step, factor)
                        .containsExactly(
                                golden.expected("step.%d.%s".formatted(step, factor)),
                                within(Tolerance.TEN_STEPS));
            }
        }
        expectTrained(golden, save(steps.size() + 1, true));
    }

    private static void expectTrained(GoldenCase golden, Path checkpoint) {
        Map<String, TinyModel.Weight> factors = Tiny.factors(checkpoint);
        Map<String, TinyModel.Weight> moments = Tiny.moments(checkpoint);
        for (String factor : factors.keySet()) {
            expectTrained(golden, factor, values(factors, factor));
            for (String moment : List.of(factor + ".m", factor + ".v")) {
                close(
                        moment,
                        values(moments, moment),
                        golden.expected("trained." + moment),
                        Tolerance.MOMENT);
            }
        }
    }

    /// AdamW divides a first gradient by itself, so where that is nothing but rounding, so is the
    /// step.
    private static void expectTrained(GoldenCase golden, String factor, float[] found) {
        float[] expected = golden.expected("trained." + factor);
        float[] first = golden.expected("cross_entropy.gradient." + factor);
        double noise = Tolerance.GRADIENT * largest(first);
        for (int cell = 0; cell < expected.length; cell++) {
            boolean isNoise = Math.abs(first[cell]) < noise;
            assertThat(found[cell])
                    .as("%s, cell %d", factor, cell)
                    .isCloseTo(
                            expected[cell],
                            within(isNoise ? Tolerance.TEN_STEPS_OF_NOISE : Tolerance.TEN_STEPS));
        }
    }

    private static double largest(float[] values) {
        double most = 0;
        for (float value : values) {
            most = Math.max(most, Math.abs(value));
        }
        return most;
    }

    private static float[] values(Map<String, TinyModel.Weight> weights, String name) {
        return Objects.requireNonNull(weights.get(name), name).values();
    }

    /// Relative to the largest of the tensor.
    private static void close(String name, float[] found, float[] expected, double tolerance) {
        double most = 0;
        for (float value : expected) {
            most = Math.max(most, Math.abs(value));
        }
        assertThat(found).as(name).containsExactly(expected, within((float) (most * tolerance)));
    }

    private void load(GoldenCase golden) {
        Outcome outcome =
                engine.compute(new Work.Load(RUN, golden.base(), golden.adapter(), false));
        assertThat(outcome).isEqualTo(new Outcome.Loaded(golden.lora()));
    }

    private void done(Work work) {
        assertThat(engine.compute(work)).isEqualTo(new Outcome.Done());
    }

    private Outcome.Passed passed(Work work) {
        Outcome outcome = engine.compute(work);
        assertThat(outcome).isInstanceOf(Outcome.Passed.class);
        return (Outcome.Passed) outcome;
    }

    private double norm(GoldenCase golden) {
        Outcome outcome = engine.compute(new Work.OptimStep(RUN, golden.adam()));
        assertThat(outcome).isInstanceOf(Outcome.Stepped.class);
        return ((Outcome.Stepped) outcome).gradNorm();
    }

    private Path save(int step, boolean withOptimizer) throws IOException {
        Path folder = Files.createDirectory(directory.resolve("step" + step));
        done(new Work.Save(RUN, folder, withOptimizer));
        return folder;
    }

    private static double loss(Outcome.Passed passed) {
        return passed.metrics().getOrDefault("loss:sum", Double.NaN);
    }
}
