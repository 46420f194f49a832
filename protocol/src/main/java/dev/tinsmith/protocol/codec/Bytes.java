package dev.tinsmith.protocol.codec;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Numbers in a `bytes` field: little-endian, one after another.
final class Bytes {
    private Bytes() {}

    /// @param width how many bytes a number takes
    /// @throws IllegalArgumentException in words that follow a name
    static ByteBuffer of(ByteString field, int width) {
        if (field.size() % width != 0) {
            throw new IllegalArgumentException(
                    "holds %d bytes; each of its values takes %d".formatted(field.size(), width));
        }
        return field.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    static ByteString of(int[] values) {
        ByteBuffer bytes = room(Integer.BYTES * values.length);
        bytes.asIntBuffer().put(values);
        return UnsafeByteOperations.unsafeWrap(bytes);
    }

    static ByteString of(long[] values) {
        ByteBuffer bytes = room(Long.BYTES * values.length);
        bytes.asLongBuffer().put(values);
        return UnsafeByteOperations.unsafeWrap(bytes);
    }

    static ByteString of(float[] values) {
        ByteBuffer bytes = room(Float.BYTES * values.length);
        bytes.asFloatBuffer().put(values);
        return UnsafeByteOperations.unsafeWrap(bytes);
    }

    private static ByteBuffer room(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
