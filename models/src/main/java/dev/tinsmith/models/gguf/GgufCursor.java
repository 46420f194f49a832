package dev.tinsmith.models.gguf;

import dev.tinsmith.engine.format.FormatException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Reads a file's header from its first byte on, and never past its last.
final class GgufCursor {
    static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfDouble DOUBLE =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final int DEEPEST_ARRAY = 4;

    private final String file;
    private final MemorySegment bytes;
    private long position;

    GgufCursor(String file, MemorySegment bytes) {
        this.file = file;
        this.bytes = bytes;
    }

    /// Bytes read so far.
    long position() {
        return position;
    }

    int integer(String what) {
        return bytes.get(INT, take(Integer.BYTES, what));
    }

    long wide(String what) {
        return bytes.get(LONG, take(Long.BYTES, what));
    }

    /// How many of something follow, each of which takes at least `least` bytes.
    int count(String what, int least) {
        long count = wide(what);
        if (count < 0
                || count > (bytes.byteSize() - position) / least
                || count > Integer.MAX_VALUE) {
            throw new FormatException(
                    "%s counts %s as %s, more than the file can hold; it is broken or cut short, download it again"
                            .formatted(file, what, Long.toUnsignedString(count)));
        }
        return (int) count;
    }

    String text(String what) {
        int length = count("the bytes of " + what, 1);
        byte[] copy = new byte[length];
        MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, take(length, what), copy, 0, length);
        return new String(copy, StandardCharsets.UTF_8);
    }

    GgufValue value(String key) {
        return value(key, integer("the type of " + key), 0);
    }

    private GgufValue value(String key, int type, int depth) {
        return switch (type) {
            case 0 -> new GgufValue.Whole(bytes.get(ValueLayout.JAVA_BYTE, take(1, key)) & 0xFF);
            case 1 -> new GgufValue.Whole(bytes.get(ValueLayout.JAVA_BYTE, take(1, key)));
            case 2 -> new GgufValue.Whole(bytes.get(SHORT, take(Short.BYTES, key)) & 0xFFFF);
            case 3 -> new GgufValue.Whole(bytes.get(SHORT, take(Short.BYTES, key)));
            case 4 -> new GgufValue.Whole(Integer.toUnsignedLong(integer(key)));
            case 5 -> new GgufValue.Whole(integer(key));
            case 6 -> new GgufValue.Real(shortest(bytes.get(FLOAT, take(Float.BYTES, key))));
            case 7 -> new GgufValue.Flag(bytes.get(ValueLayout.JAVA_BYTE, take(1, key)) != 0);
            case 8 -> new GgufValue.Text(text(key));
            case 9 -> row(key, depth + 1);
            case 10, 11 -> new GgufValue.Whole(wide(key));
            case 12 -> new GgufValue.Real(bytes.get(DOUBLE, take(Double.BYTES, key)));
            default -> throw unknownType(key, type);
        };
    }

    private GgufValue row(String key, int depth) {
        if (depth > DEEPEST_ARRAY) {
            throw new FormatException(
                    "%s nests the arrays of %s deeper than %d; it is broken, download it again"
                            .formatted(file, key, DEEPEST_ARRAY));
        }
        int type = integer("the element type of " + key);
        int count = count("the elements of " + key, leastBytes(key, type));
        List<GgufValue> values = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            values.add(value(key, type, depth));
        }
        return new GgufValue.Row(values);
    }

    private int leastBytes(String key, int type) {
        return switch (type) {
            case 0, 1, 7 -> 1;
            case 2, 3 -> 2;
            case 4, 5, 6 -> 4;
            case 8, 10, 11, 12 -> 8;
            case 9 -> 12;
            default -> throw unknownType(key, type);
        };
    }

    private FormatException unknownType(String key, int type) {
        return new FormatException(
                "%s gives %s the unknown type %s; it is broken or newer than what is read here"
                        .formatted(file, key, Integer.toUnsignedString(type)));
    }

    private long take(long length, String what) {
        long start = position;
        if (bytes.byteSize() - start < length) {
            throw new FormatException(
                    "%s ends in the middle of %s; it is cut short, download it again"
                            .formatted(file, what));
        }
        position = start + length;
        return start;
    }

    private static double shortest(float value) {
        return Double.parseDouble(Float.toString(value));
    }
}
