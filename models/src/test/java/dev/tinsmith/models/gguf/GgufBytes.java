package dev.tinsmith.models.gguf;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Writes GGUF files for tests, broken ones too: each entry is told apart, and counts, types and
/// places may be lied about.
final class GgufBytes {
    static final int U32 = 4;
    static final int I32 = 5;
    static final int F32 = 6;
    static final int BOOL = 7;
    static final int STRING = 8;
    static final int ARRAY = 9;
    static final int ALIGNMENT = 32;

    private final ByteArrayOutputStream keys = new ByteArrayOutputStream();
    private final ByteArrayOutputStream infos = new ByteArrayOutputStream();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();
    private long keyCount;
    private long tensorCount;
    private int version = 3;

    GgufBytes version(int changed) {
        version = changed;
        return this;
    }

    GgufBytes counts(long tensors, long entries) {
        tensorCount = tensors;
        keyCount = entries;
        return this;
    }

    GgufBytes entry(String key, int type, byte[] value) {
        keys.writeBytes(text(key));
        keys.writeBytes(integer(type));
        keys.writeBytes(value);
        keyCount++;
        return this;
    }

    GgufBytes integer(String key, int value) {
        return entry(key, U32, integer(value));
    }

    GgufBytes real(String key, float value) {
        return entry(key, F32, integer(Float.floatToRawIntBits(value)));
    }

    GgufBytes flag(String key, boolean value) {
        return entry(key, BOOL, new byte[] {(byte) (value ? 1 : 0)});
    }

    GgufBytes text(String key, String value) {
        return entry(key, STRING, text(value));
    }

    GgufBytes texts(String key, List<String> values) {
        return entry(key, ARRAY, array(STRING, values.stream().map(GgufBytes::text).toList()));
    }

    GgufBytes integers(String key, List<Integer> values) {
        return entry(key, ARRAY, array(I32, values.stream().map(GgufBytes::integer).toList()));
    }

    GgufBytes reals(String key, List<Float> values) {
        return entry(
                key,
                ARRAY,
                array(
                        F32,
                        values.stream()
                                .map(value -> integer(Float.floatToRawIntBits(value)))
                                .toList()));
    }

    /// A tensor at the next free place; `shape` as the file has it, innermost first.
    GgufBytes tensor(String name, int type, List<Long> shape, byte[] content) {
        return tensor(name, type, shape, (long) data.size(), content);
    }

    GgufBytes tensor(String name, int type, List<Long> shape, long offset, byte[] content) {
        infos.writeBytes(text(name));
        infos.writeBytes(integer(shape.size()));
        shape.forEach(size -> infos.writeBytes(wide(size)));
        infos.writeBytes(integer(type));
        infos.writeBytes(wide(offset));
        data.writeBytes(content);
        data.writeBytes(new byte[Math.floorMod(-data.size(), ALIGNMENT)]);
        tensorCount++;
        return this;
    }

    byte[] toBytes() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
        all.writeBytes(integer(version));
        all.writeBytes(wide(tensorCount));
        all.writeBytes(wide(keyCount));
        all.writeBytes(keys.toByteArray());
        all.writeBytes(infos.toByteArray());
        all.writeBytes(new byte[Math.floorMod(-all.size(), ALIGNMENT)]);
        all.writeBytes(data.toByteArray());
        return all.toByteArray();
    }

    Path write(Path file) throws IOException {
        return Files.write(file, toBytes());
    }

    static byte[] array(int type, List<byte[]> values) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(integer(type));
        all.writeBytes(wide(values.size()));
        values.forEach(all::writeBytes);
        return all.toByteArray();
    }

    static byte[] text(String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + bytes.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(bytes.length)
                .put(bytes)
                .array();
    }

    static byte[] integer(int value) {
        return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
    }

    static byte[] wide(long value) {
        return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
    }

    static byte[] floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return bytes.array();
    }
}
