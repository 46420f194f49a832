package dev.tinsmith.models.gguf;

import static dev.tinsmith.models.gguf.LegacyBlocks.unsigned;
import static dev.tinsmith.models.gguf.PlainBlocks.half;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The `_K` kinds: 256 small integers in groups, each group with a scale of its own, itself a small
/// integer under the block's scale.
final class SuperBlocks {
    private static final int GROUP = 32;

    private SuperBlocks() {}

    /// scale, scale of offsets, 12 bytes of groups' scales and offsets, nibbles
    static void q4(MemorySegment from, long at, float[] into, int to) {
        long nibbles = at + 16;
        for (int group = 0; group < 8; group++) {
            float scale = half(from, at) * groupScale(from, at + 4, group);
            float offset = half(from, at + 2) * groupOffset(from, at + 4, group);
            for (int i = 0; i < GROUP; i++) {
                into[to + group * GROUP + i] = scale * nibble(from, nibbles, group, i) - offset;
            }
        }
    }

    /// As q4, with 32 bytes of fifth bits before the nibbles: bit g of byte i is that of number i
    /// of group g.
    static void q5(MemorySegment from, long at, float[] into, int to) {
        long fifth = at + 16;
        long nibbles = fifth + 32;
        for (int group = 0; group < 8; group++) {
            float scale = half(from, at) * groupScale(from, at + 4, group);
            float offset = half(from, at + 2) * groupOffset(from, at + 4, group);
            for (int i = 0; i < GROUP; i++) {
                int high = ((unsigned(from, fifth + i) >> group) & 1) << 4;
                int q = nibble(from, nibbles, group, i) | high;
                into[to + group * GROUP + i] = scale * q - offset;
            }
        }
    }

    /// 128 bytes of low nibbles, 64 of high bit pairs, 16 signed scales, scale: groups of 16.
    ///
    /// Each half of the block has 64 bytes of nibbles and 32 of pairs, for four rows of 32: rows 0
    /// and 1 are the low nibbles of the first and second 32 bytes, rows 2 and 3 the high ones; row
    /// r has bits 2r and 2r + 1 of the pairs.
    static void q6(MemorySegment from, long at, float[] into, int to) {
        float scale = half(from, at + 208);
        for (int row = 0; row < 8; row++) {
            int inHalf = row % 4;
            long low = at + 64L * (row / 4) + 32L * (inHalf % 2);
            long high = at + 128 + 32L * (row / 4);
            int shift = 4 * (inHalf / 2);
            for (int i = 0; i < GROUP; i++) {
                int q =
                        ((unsigned(from, low + i) >> shift) & 0xF)
                                | (((unsigned(from, high + i) >> (2 * inHalf)) & 3) << 4);
                int groupScale = from.get(ValueLayout.JAVA_BYTE, at + 192 + 2L * row + i / 16);
                into[to + row * GROUP + i] = scale * groupScale * (q - 32);
            }
        }
    }

    /// Number `i` of `group`: groups 2k and 2k + 1 are the low and the high nibbles of the same 32
    /// bytes.
    private static int nibble(MemorySegment from, long nibbles, int group, int i) {
        return (unsigned(from, nibbles + 32L * (group / 2) + i) >> (4 * (group % 2))) & 0xF;
    }

    /// The six bits of a group's scale. Of the 12 bytes, the first four hold those of groups 0 to
    /// 3, with the upper two of groups 4 to 7 above them; the last four hold the lower four of
    /// groups 4 to 7.
    private static int groupScale(MemorySegment from, long packed, int group) {
        return group < 4
                ? unsigned(from, packed + group) & 0x3F
                : (unsigned(from, packed + 4 + group) & 0xF)
                        | ((unsigned(from, packed + group - 4) >> 6) << 4);
    }

    /// The same for a group's offset, from the middle four bytes and the upper halves of the last.
    private static int groupOffset(MemorySegment from, long packed, int group) {
        return group < 4
                ? unsigned(from, packed + 4 + group) & 0x3F
                : (unsigned(from, packed + 4 + group) >> 4)
                        | ((unsigned(from, packed + group) >> 6) << 4);
    }
}
