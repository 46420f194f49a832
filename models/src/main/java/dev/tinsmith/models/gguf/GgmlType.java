package dev.tinsmith.models.gguf;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/// How the numbers of a tensor are stored: in blocks, each of which is read on its own. To add one:
/// write its block's reader, then its lines here.
enum GgmlType {
    F32(0, 1, 4),
    F16(1, 1, 2),
    BF16(30, 1, 2),
    Q4_0(2, 32, 18),
    Q4_1(3, 32, 20),
    Q5_0(6, 32, 22),
    Q5_1(7, 32, 24),
    Q8_0(8, 32, 34),
    Q4_K(12, 256, 144),
    Q5_K(13, 256, 176),
    Q6_K(14, 256, 210);

    /// Types that exist and are not read, for the refusal to name.
    private static final Map<Integer, String> OTHERS =
            Map.ofEntries(
                    Map.entry(9, "Q8_1"),
                    Map.entry(10, "Q2_K"),
                    Map.entry(11, "Q3_K"),
                    Map.entry(15, "Q8_K"),
                    Map.entry(16, "IQ2_XXS"),
                    Map.entry(17, "IQ2_XS"),
                    Map.entry(18, "IQ3_XXS"),
                    Map.entry(19, "IQ1_S"),
                    Map.entry(20, "IQ4_NL"),
                    Map.entry(21, "IQ3_S"),
                    Map.entry(22, "IQ2_S"),
                    Map.entry(23, "IQ4_XS"),
                    Map.entry(24, "I8"),
                    Map.entry(25, "I16"),
                    Map.entry(26, "I32"),
                    Map.entry(27, "I64"),
                    Map.entry(28, "F64"),
                    Map.entry(29, "IQ1_M"),
                    Map.entry(34, "TQ1_0"),
                    Map.entry(35, "TQ2_0"),
                    Map.entry(39, "MXFP4"),
                    Map.entry(40, "NVFP4"));

    private final int id;
    private final int elements;
    private final int bytes;

    GgmlType(int id, int elements, int bytes) {
        this.id = id;
        this.elements = elements;
        this.bytes = bytes;
    }

    /// The type that a file calls `id`, if it is read.
    static Optional<GgmlType> of(int id) {
        return Arrays.stream(values()).filter(type -> type.id == id).findFirst();
    }

    /// What to call a type that is not read.
    static String nameOf(int id) {
        return OTHERS.getOrDefault(id, "type " + Integer.toUnsignedString(id));
    }

    /// Numbers in one block.
    int elements() {
        return elements;
    }

    /// Bytes of one block.
    int bytes() {
        return bytes;
    }

    BlockReader reader() {
        return switch (this) {
            case F32 -> PlainBlocks::f32;
            case F16 -> PlainBlocks::f16;
            case BF16 -> PlainBlocks::bf16;
            case Q4_0 -> LegacyBlocks::q4_0;
            case Q4_1 -> LegacyBlocks::q4_1;
            case Q5_0 -> LegacyBlocks::q5_0;
            case Q5_1 -> LegacyBlocks::q5_1;
            case Q8_0 -> LegacyBlocks::q8_0;
            case Q4_K -> SuperBlocks::q4;
            case Q5_K -> SuperBlocks::q5;
            case Q6_K -> SuperBlocks::q6;
        };
    }
}
