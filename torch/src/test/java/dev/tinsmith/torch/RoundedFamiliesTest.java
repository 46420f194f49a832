package dev.tinsmith.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.Engine;
import dev.tinsmith.engine.LossSpec;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.engine.Sample;
import dev.tinsmith.engine.SamplingSpec;
import dev.tinsmith.engine.Weights;
import dev.tinsmith.engine.Work;
import dev.tinsmith.torch.ops.DeviceKind;
import dev.tinsmith.torch.ops.DtypeChoice;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// In bf16 every family says about the same, learns, and goes on.
class RoundedFamiliesTest {
    private static final RunId RUN = new RunId("rounded");
    private static final LossSpec CROSS_ENTROPY = LossSpec.named("cross_entropy");
    private static final double APART = 0.15;
    private static final int NEW_TOKENS = 8;

    private final TorchEngine engine =
            TorchEngine.open(new TorchEngine.Options(DtypeChoice.BF16, 2, 512, DeviceKind.CPU));

    @AfterEach
    void close() {
        engine.close();
    }

    @ParameterizedTest
    @MethodSource("dev.tinsmith.torch.GoldenCase#families")
    void everyFamilyIsComputed(String name) {
        GoldenCase golden = new GoldenCase(name);
        engine.compute(new Work.Load(RUN, golden.base(), golden.adapter(), false));
        Batch batch = golden.batch("cross_entropy");
        Outcome.Passed first = trained(golden, batch);
        expectClose(golden.expected("logprobs.0"), first);
        assertThat(loss(trained(golden, batch))).isLessThan(loss(first));

        engine.admit(
                1,
                new Sample(
                        new Weights.Adapted(golden.base(), golden.adapter()),
                        golden.greedy("prompt"),
                        1,
                        new SamplingSpec(
                                NEW_TOKENS, 0, 0, 1, 0, Set.of(), SamplingSpec.StopText.NONE),
                        Sample.PromptScore.NONE,
                        0));
        for (int slice = 0; slice < 100; slice++) {
            for (Engine.Decoded decoded : engine.decode()) {
                Outcome.Sampled sampled = (Outcome.Sampled) decoded.outcome();
                assertThat(sampled.sequences().getFirst().tokens().length()).isEqualTo(NEW_TOKENS);
                return;
            }
        }
        throw new AssertionError("nothing came of it");
    }

    private Outcome.Passed trained(GoldenCase golden, Batch batch) {
        Outcome passed = engine.compute(new Work.ForwardBackward(RUN, batch, CROSS_ENTROPY));
        assertThat(passed).isInstanceOf(Outcome.Passed.class);
        engine.compute(new Work.OptimStep(RUN, golden.adam()));
        return (Outcome.Passed) passed;
    }

    private static double loss(Outcome.Passed passed) {
        return passed.metrics().getOrDefault("loss:sum", Double.NaN);
    }

    /// On average.
    private static void expectClose(float[] expected, Outcome.Passed passed) {
        double distance = 0;
        for (int i = 0; i < expected.length; i++) {
            distance += Math.abs(passed.logprobs().getFirst().at(i) - expected[i]);
        }
        assertThat(distance / expected.length).isLessThan(APART);
    }
}
