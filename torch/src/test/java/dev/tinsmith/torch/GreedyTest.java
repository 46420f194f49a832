package dev.tinsmith.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinsmith.engine.Engine;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.Sample;
import dev.tinsmith.engine.SamplingSpec;
import dev.tinsmith.engine.Tokens;
import dev.tinsmith.engine.Weights;
import dev.tinsmith.torch.ops.DeviceKind;
import dev.tinsmith.torch.ops.DtypeChoice;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The likeliest tokens, one after another, are those of transformers' `generate`.
class GreedyTest {
    private static final int SLICES = 200;

    private final TorchEngine engine =
            TorchEngine.open(new TorchEngine.Options(DtypeChoice.FP32, 2, 512, DeviceKind.CPU));

    @AfterEach
    void close() {
        engine.close();
    }

    @ParameterizedTest
    @MethodSource("dev.tinsmith.torch.GoldenCase#families")
    void theBaseGoesOnAsGenerateDoes(String name) {
        GoldenCase golden = new GoldenCase(name);

        assertThat(continued(golden, new Weights.Plain(golden.base())))
                .isEqualTo(golden.greedy("base"));
    }

    @ParameterizedTest
    @MethodSource("dev.tinsmith.torch.GoldenCase#families")
    void theAdapterGoesOnAsGenerateDoes(String name) {
        GoldenCase golden = new GoldenCase(name);

        assertThat(continued(golden, new Weights.Adapted(golden.base(), golden.adapter())))
                .isEqualTo(golden.greedy("adapted"));
    }

    private Tokens continued(GoldenCase golden, Weights weights) {
        int count = golden.greedy("base").length();
        SamplingSpec greedy =
                new SamplingSpec(count, 0, 0, 1, 0, Set.of(), SamplingSpec.StopText.NONE);
        engine.admit(
                1,
                new Sample(
                        weights, golden.greedy("prompt"), 1, greedy, Sample.PromptScore.NONE, 0));
        for (int slice = 0; slice < SLICES; slice++) {
            for (Engine.Decoded decoded : engine.decode()) {
                assertThat(decoded.outcome()).isInstanceOf(Outcome.Sampled.class);
                return ((Outcome.Sampled) decoded.outcome()).sequences().getFirst().tokens();
            }
        }
        throw new AssertionError("nothing came of it");
    }
}
