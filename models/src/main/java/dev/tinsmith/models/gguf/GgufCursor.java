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
    private static final List<Kind> KINDS = List.of(Kind.values());

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
        return value(key, kind(key), 0);
    }

    private GgufValue value(String key, Kind kind, int depth) {
        return switch (kind) {
            case U8 -> new GgufValue.Whole(bytes.get(ValueLayout.JAVA_BYTE, take(1, key)) & 0xFF);
            case I8 -> new GgufValue.Whole(bytes.get(ValueLayout.JAVA_BYTE, take(1, key)));
            case U16 -> new GgufValue.Whole(bytes.get(SHORT, take(Short.BYTES, key)) & 0xFFFF);
            case I16 -> new GgufValue.Whole(bytes.get(SHORT, take(Short.BYTES, key)));
            case U32 -> new GgufValue.Whole(Integer.toUnsignedLong(integer(key)));
            case I32 -> new GgufValue.Whole(integer(key));
            case F32 -> new GgufValue.Real(shortest(bytes.get(FLOAT, take(Float.BYTES, key))));
            case BOOL -> new GgufValue.Flag(bytes.get(ValueLayout.JAVA_BYTE, take(1, key)) != 0);
            case STRING -> new GgufValue.Text(text(key));
            case ARRAY -> row(key, depth + 1);
            case U64, I64 -> new GgufValue.Whole(wide(key));
            case F64 -> new GgufValue.Real(bytes.get(DOUBLE, take(Double.BYTES, key)));
        };
    }

    private GgufValue row(String key, int depth) {
        if (depth > DEEPEST_ARRAY) {
            throw new FormatException(
                    "%s nests the arrays of %s deeper than %d; it is broken, download it again"
                            .formatted(file, key, DEEPEST_ARRAY));
        }
        Kind kind = kind(key);
        int count = count("the elements of " + key, kind.leastBytes);
        List<GgufValue> values = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            values.add(value(key, kind, depth));
        }
        return new GgufValue.Row(values);
    }

    private Kind kind(String key) {
        int id = integer("the type of " + key);
        if (id < 0 || id >= KINDS.size()) {
            throw new FormatException(
                    "%s gives %s the unknown type %s; it is broken or newer than what is read here"
                            .formatted(file, key, Integer.toUnsignedString(id)));
        }
        return KINDS.get(id);
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

    /// The kinds of value, in the order of their ids, with the bytes that one takes at least.
    private enum Kind {
        U8(1),
        I8(1),
        U16(2),
        I16(2),
        U32(4),
        I32(4),
        F32(4),
        BOOL(1),
        STRING(8),
        ARRAY(12),
        U64(8),
        I64(8),
        F64(8);

        private final int leastBytes;

        Kind(int leastBytes) {
            this.leastBytes = leastBytes;
        }
    }
}
