package dev.tinsmith.models.export;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinsmith.engine.format.DType;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HalvesTest {
    @Test
    void ofTwoNeighboursTheNearerIsTakenAndOfTwoEquallyNearTheEvenOne() {
        float step = 0x1p-7f; // between neighbours of 1 in BF16
        assertThat(rounded(1 + step * 0.49f)).isEqualTo(1);
        assertThat(rounded(1 + step * 0.51f)).isEqualTo(1 + step);
        assertThat(rounded(1 + step * 0.5f)).isEqualTo(1);
        assertThat(rounded(1 + step * 1.5f)).isEqualTo(1 + 2 * step);
        assertThat(rounded(-1 - step * 1.5f)).isEqualTo(-1 - 2 * step);
        assertThat(rounded(Float.NEGATIVE_INFINITY)).isEqualTo(Float.NEGATIVE_INFINITY);
        assertThat(rounded(Float.NaN)).isNaN();
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F32", "F16", "BF16"})
    void whatIsStoredIsReadAndStoredAgainAsTheSame(DType dtype) {
        Random random = new Random(2);
        float[] numbers = new float[1000];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) (random.nextGaussian() * Math.scalb(1.0, random.nextInt(20) - 10));
        }
        MemorySegment once = MemorySegment.ofArray(new byte[dtype.bytes() * numbers.length + 1]);
        Halves.write(numbers, dtype, once, 1);
        float[] read = new float[numbers.length];
        Halves.read(once, 1, dtype, read);
        MemorySegment twice = MemorySegment.ofArray(new byte[(int) once.byteSize()]);
        Halves.write(read, dtype, twice, 1);

        assertThat(twice.mismatch(once)).isEqualTo(-1);
    }

    private static float rounded(float number) {
        MemorySegment half = MemorySegment.ofArray(new byte[2]);
        Halves.write(new float[] {number}, DType.BF16, half, 0);
        float[] read = new float[1];
        Halves.read(half, 0, DType.BF16, read);
        return read[0];
    }
}
