package dev.tinsmith.torch.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tinsmith.torch.ops.Dtype;
import dev.tinsmith.torch.ops.Ops;
import dev.tinsmith.torch.ops.Scope;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FactorsTest {
    private static final int ROWS = 29;
    private static final int IN = 48;
    private static final List<Integer> OUTS = List.of(60, 20, 20);

    private final Random random = new Random(1);

    private Tensor normal(long... shape) {
        float[] values = new float[(int) (shape[0] * shape[1])];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Ops.to(Ops.floats(values, shape), Dtype.BF16);
    }

    private static Tensor wide(Tensor x) {
        return Ops.to(x, Dtype.F32);
    }

    /// Three parts of rank 1 are three single columns side by side.
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 8})
    void inBf16GradientsAreThoseOfF32(int rank) {
        try (Scope _ = Scope.open()) {
            Tensor x_TI = normal(ROWS, IN);
            Tensor dy_TO = normal(ROWS, 100);
            Factors factors = factors(rank);
            Tensor low_TR =
                    factors.delta(x_TI, () -> Ops.empty(Dtype.BF16, ROWS, 100))
                            .low_TR()
                            .orElseThrow();
            Factors gradients = zeros(rank);
            Tensor dx_TI = factors.backward(dy_TO, x_TI, low_TR, gradients);

            Factors exact =
                    new Factors(
                            wide(factors.down_IR()),
                            factors.up_rO().stream().map(FactorsTest::wide).toList(),
                            2);
            Factors expected = zeros(rank);
            Tensor exactLow_TR =
                    exact.delta(wide(x_TI), () -> Ops.empty(Dtype.F32, ROWS, 100))
                            .low_TR()
                            .orElseThrow();
            Tensor exactDx_TI = exact.backward(wide(dy_TO), wide(x_TI), exactLow_TR, expected);

            assertClose(dx_TI, exactDx_TI);
            assertClose(gradients.down_IR(), expected.down_IR());
            for (int part = 0; part < OUTS.size(); part++) {
                assertClose(gradients.up_rO().get(part), expected.up_rO().get(part));
            }
        }
    }

    private Factors factors(int rank) {
        List<Tensor> up = OUTS.stream().map(out -> normal(rank, out)).toList();
        return new Factors(normal(IN, 3L * rank), up, 2);
    }

    private static Factors zeros(int rank) {
        Stream<Tensor> up = OUTS.stream().map(out -> Ops.zeros(Dtype.F32, rank, out));
        return new Factors(Ops.zeros(Dtype.F32, IN, 3L * rank), up.toList(), 2);
    }

    private static void assertClose(Tensor one, Tensor other) {
        double size = Ops.norm(other.flatten());
        double apart = Ops.norm(wide(one).sub(other).flatten());
        assertThat(apart / size).isCloseTo(0, within(0.02));
    }
}
