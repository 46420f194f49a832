package dev.tinsmith.torch.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MagnitudeTest {
    @BeforeAll
    static void load() {
        int _ = Library.start(1, Dtype.BF16);
    }

    private static float[] normal(int count) {
        Random random = new Random(count);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static Tensor row(float... values) {
        return Ops.floats(values, values.length);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4_095, 4_096, 4_097, 100_000})
    void theNormAndTheLargestAreThoseOfAllNumbers(int count) {
        try (Scope _ = Scope.open()) {
            float[] values = normal(count);
            double squares = 0;
            double largest = 0;
            for (float value : values) {
                squares += (double) value * value;
                largest = Math.max(largest, Math.abs(value));
            }
            assertThat(Magnitude.norm(row(values)))
                    .isCloseTo(Math.sqrt(squares), within(1e-6 * Math.sqrt(squares)));
            assertThat(Magnitude.largest(row(values))).isEqualTo(largest);
        }
    }

    @Test
    void numbersWhoseSquaresAreTooLargeHaveANormAllTheSame() {
        try (Scope _ = Scope.open()) {
            assertThat(Magnitude.norm(row(3e30f, 4e30f))).isCloseTo(5e30, within(1e24));
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void oneNumberThatIsNoneIsNeverOverlooked(float broken) {
        try (Scope _ = Scope.open()) {
            for (int place : new int[] {0, 4_096, 9_999}) {
                float[] values = normal(10_000);
                values[place] = broken;
                assertThat(Magnitude.norm(row(values))).isNotFinite();
                assertThat(Magnitude.largest(row(values))).isNotFinite();
            }
        }
    }
}
