package dev.tinsmith.models.gguf;

import static dev.tinsmith.models.gguf.GgufCursor.FLOAT;
import static dev.tinsmith.models.gguf.GgufCursor.SHORT;

import java.lang.foreign.MemorySegment;

/// Numbers that are stored one by one.
final class PlainBlocks {
    private PlainBlocks() {}

    static void f32(MemorySegment from, long at, float[] into, int to) {
        into[to] = from.get(FLOAT, at);
    }

    static void f16(MemorySegment from, long at, float[] into, int to) {
        into[to] = half(from, at);
    }

    static void bf16(MemorySegment from, long at, float[] into, int to) {
        into[to] = Float.intBitsToFloat(from.get(SHORT, at) << 16);
    }

    /// The half-precision number at byte `at`.
    static float half(MemorySegment from, long at) {
        return Float.float16ToFloat(from.get(SHORT, at));
    }
}
