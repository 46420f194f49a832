package dev.tinsmith.models.gguf;

import static dev.tinsmith.models.gguf.GgufCursor.INT;
import static dev.tinsmith.models.gguf.PlainBlocks.half;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Blocks of 32 small integers under one scale, and, in the `_1` kinds, one offset.
///
/// Sixteen bytes hold the low four bits: byte i has those of number i below, of number i + 16
/// above. In the 5-bit kinds, bit i of a 32-bit word is the fifth bit of number i.
final class LegacyBlocks {
    private static final int HALF = 16;

    private LegacyBlocks() {}

    /// scale, nibbles: scale * (q - 8)
    static void q4_0(MemorySegment from, long at, float[] into, int to) {
        float scale = half(from, at);
        for (int i = 0; i < HALF; i++) {
            int pair = unsigned(from, at + 2 + i);
            into[to + i] = scale * ((pair & 0xF) - 8);
            into[to + HALF + i] = scale * ((pair >> 4) - 8);
        }
    }

    /// scale, offset, nibbles: scale * q + offset
    static void q4_1(MemorySegment from, long at, float[] into, int to) {
        float scale = half(from, at);
        float offset = half(from, at + 2);
        for (int i = 0; i < HALF; i++) {
            int pair = unsigned(from, at + 4 + i);
            into[to + i] = scale * (pair & 0xF) + offset;
            into[to + HALF + i] = scale * (pair >> 4) + offset;
        }
    }

    /// scale, fifth bits, nibbles: scale * (q - 16)
    static void q5_0(MemorySegment from, long at, float[] into, int to) {
        float scale = half(from, at);
        int fifth = from.get(INT, at + 2);
        for (int i = 0; i < HALF; i++) {
            int pair = unsigned(from, at + 6 + i);
            into[to + i] = scale * (((pair & 0xF) | bit(fifth, i)) - 16);
            into[to + HALF + i] = scale * (((pair >> 4) | bit(fifth, HALF + i)) - 16);
        }
    }

    /// scale, offset, fifth bits, nibbles: scale * q + offset
    static void q5_1(MemorySegment from, long at, float[] into, int to) {
        float scale = half(from, at);
        float offset = half(from, at + 2);
        int fifth = from.get(INT, at + 4);
        for (int i = 0; i < HALF; i++) {
            int pair = unsigned(from, at + 8 + i);
            into[to + i] = scale * ((pair & 0xF) | bit(fifth, i)) + offset;
            into[to + HALF + i] = scale * ((pair >> 4) | bit(fifth, HALF + i)) + offset;
        }
    }

    /// scale, signed bytes: scale * q
    static void q8_0(MemorySegment from, long at, float[] into, int to) {
        float scale = half(from, at);
        for (int i = 0; i < 2 * HALF; i++) {
            into[to + i] = scale * from.get(ValueLayout.JAVA_BYTE, at + 2 + i);
        }
    }

    /// Bit `i` of `bits`, as the fifth bit of a number.
    private static int bit(int bits, int i) {
        return ((bits >>> i) & 1) << 4;
    }

    static int unsigned(MemorySegment from, long at) {
        return from.get(ValueLayout.JAVA_BYTE, at) & 0xFF;
    }
}
