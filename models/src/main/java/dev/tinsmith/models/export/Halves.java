package dev.tinsmith.models.export;

import dev.tinsmith.engine.format.DType;
import dev.tinsmith.engine.format.FormatException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Stored numbers to floats and back, one row at a time.
final class Halves {
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Halves() {}

    /// Reads as many numbers of `from` as `into` holds, from byte `at` on.
    static void read(MemorySegment from, long at, DType dtype, float[] into) {
        switch (dtype) {
            case F32 -> MemorySegment.copy(from, FLOAT, at, into, 0, into.length);
            case F16 -> {
                for (int i = 0; i < into.length; i++) {
                    into[i] = Float.float16ToFloat(from.get(SHORT, at + 2L * i));
                }
            }
            case BF16 -> {
                for (int i = 0; i < into.length; i++) {
                    into[i] = Float.intBitsToFloat(from.get(SHORT, at + 2L * i) << Short.SIZE);
                }
            }
            case F64, I64, I32, I16, I8, U8, BOOL -> throw refused(dtype);
        }
    }

    /// Writes `numbers` to `into`, from byte `at` on, each rounded to the nearest, ties to even.
    ///
    /// @throws FormatException if one is too large for `dtype`
    static void write(float[] numbers, DType dtype, MemorySegment into, long at) {
        switch (dtype) {
            case F32 -> MemorySegment.copy(numbers, 0, into, FLOAT, at, numbers.length);
            case F16 -> {
                for (int i = 0; i < numbers.length; i++) {
                    short half = Float.floatToFloat16(numbers[i]);
                    requireFinite(Float.float16ToFloat(half), numbers[i], dtype);
                    into.set(SHORT, at + 2L * i, half);
                }
            }
            case BF16 -> {
                for (int i = 0; i < numbers.length; i++) {
                    short half = toBf16(numbers[i]);
                    requireFinite(Float.intBitsToFloat(half << Short.SIZE), numbers[i], dtype);
                    into.set(SHORT, at + 2L * i, half);
                }
            }
            case F64, I64, I32, I16, I8, U8, BOOL -> throw refused(dtype);
        }
    }

    private static short toBf16(float number) {
        int bits = Float.floatToIntBits(number);
        if (Float.isNaN(number)) {
            return (short) (bits >>> Short.SIZE);
        }
        int even = (bits >>> Short.SIZE) & 1;
        return (short) ((bits + 0x7FFF + even) >>> Short.SIZE);
    }

    private static void requireFinite(float stored, float number, DType dtype) {
        if (Float.isInfinite(stored) && Float.isFinite(number)) {
            throw new FormatException(
                    "the merged weights hold %s, too large for the base's %s; convert the base to F32"
                            .formatted(number, dtype));
        }
    }

    private static FormatException refused(DType dtype) {
        return new FormatException(
                "the base stores weights as %s; they must be F32, F16 or BF16".formatted(dtype));
    }
}
