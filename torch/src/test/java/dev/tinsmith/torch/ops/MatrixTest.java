package dev.tinsmith.torch.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class MatrixTest {
    private static final int OUT = 96;
    private static final int IN = 48;
    private static final double LITTLE = 1.0 / 512;
    private final Random random = new Random(1);

    private Tensor bf16(long... shape) {
        float[] values = new float[(int) (shape[0] * shape[1])];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Ops.to(Ops.floats(values, shape), Dtype.BF16);
    }

    @Test
    void packedProductsAreThePlainOnes() {
        try (Scope scope = Scope.open()) {
            Tensor weight_OI = scope.keep(bf16(OUT, IN));
            Tensor plain_OI = weight_OI.clone();
            Tensor x_TI = bf16(7, IN);
            Tensor y_TO = bf16(7, OUT);
            try (Matrix matrix = Matrix.of(weight_OI)) {
                close(matrix.times(x_TI), Ops.mm(x_TI, plain_OI.t()));
                close(matrix.timesBack(y_TO), Ops.mm(y_TO, plain_OI));
                close(matrix.timesPlus(x_TI, y_TO), Ops.mm(x_TI, plain_OI.t()).add(y_TO));
            }
        }
    }

    private static void close(Tensor found, Tensor expected) {
        assertThat(Ops.toFloats(found)).hasSize((int) expected.numel());
        Tensor difference = Ops.to(found, Dtype.F32).sub(Ops.to(expected, Dtype.F32));
        assertThat(Ops.norm(difference.flatten()))
                .isLessThan(0.01 * Ops.norm(Ops.to(expected, Dtype.F32).flatten()));
    }

    /// An adapter's first steps add less to a product than bf16 can tell apart.
    @Test
    void whatIsAddedIsNotLostHoweverSmall() {
        try (Scope scope = Scope.open();
                Matrix matrix = Matrix.of(scope.keep(bf16(OUT, IN)))) {
            Tensor x_TI = bf16(500, IN);
            Tensor little_TO = Ops.to(Ops.zeros(Dtype.F32, 500, OUT), Dtype.BF16);
            little_TO.add_(new Scalar(LITTLE));

            Tensor difference_TO =
                    Ops.to(matrix.timesPlus(x_TI, little_TO), Dtype.F32)
                            .sub(Ops.to(matrix.times(x_TI), Dtype.F32));

            // Products are about 7, where neighbours in bf16 are 0.03 apart.
            assertThat(difference_TO.mean().item_double())
                    .isCloseTo(LITTLE, Offset.offset(0.2 * LITTLE));
        }
    }

    @Test
    void aRowsProductDoesNotDependOnHowManyRowsComeAlong() {
        try (Scope scope = Scope.open();
                Matrix matrix = Matrix.of(scope.keep(bf16(OUT, IN)))) {
            Tensor x_TI = bf16(130, IN);
            float[] alone = Ops.toFloats(matrix.times(x_TI.narrow(0, 5, 1).contiguous()));

            float[] among = Ops.toFloats(matrix.times(x_TI).narrow(0, 5, 1));

            assertThat(among).containsExactly(alone);
        }
    }
}
