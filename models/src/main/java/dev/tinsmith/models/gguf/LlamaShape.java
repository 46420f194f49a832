package dev.tinsmith.models.gguf;

import dev.tinsmith.engine.format.FormatException;

/// The sizes of a Llama.
///
/// @param inner width of the feed-forward layer
/// @param keyHeads heads that keys and values have
/// @param context tokens it was trained to read
/// @param tied whether the embedding is also the unembedding
record LlamaShape(
        int vocabulary,
        int hidden,
        int inner,
        int layers,
        int heads,
        int keyHeads,
        int headWidth,
        int context,
        boolean tied) {
    /// Reads the sizes, and asks that they fit each other.
    static LlamaShape of(GgufFile file) {
        GgufMetadata said = file.metadata();
        GgufTensor embedding =
                file.tensor(LlamaTensors.EMBEDDING)
                        .orElseThrow(() -> LlamaTensors.missing(file, LlamaTensors.EMBEDDING));
        int hidden = size(said, "llama.embedding_length");
        int heads = size(said, "llama.attention.head_count");
        int keyHeads = said.integer("llama.attention.head_count_kv", heads);
        int headWidth = said.integer("llama.attention.key_length", hidden / heads);
        check(
                said,
                "llama.attention.head_count_kv",
                keyHeads,
                keyHeads > 0 && heads % keyHeads == 0,
                "divide the %d heads".formatted(heads));
        check(
                said,
                "llama.attention.key_length",
                headWidth,
                headWidth > 0 && headWidth % 2 == 0,
                "be even");
        same(said, "llama.attention.value_length", headWidth);
        same(said, "llama.rope.dimension_count", headWidth);
        same(said, "llama.expert_count", 0);
        return new LlamaShape(
                (int) Math.min(embedding.rows(), Integer.MAX_VALUE),
                hidden,
                size(said, "llama.feed_forward_length"),
                size(said, "llama.block_count"),
                heads,
                keyHeads,
                headWidth,
                size(said, "llama.context_length"),
                !file.tensors().containsKey(LlamaTensors.UNEMBEDDING));
    }

    private static int size(GgufMetadata said, String key) {
        int size = said.integer(key);
        check(said, key, size, size > 0, "be at least 1");
        return size;
    }

    private static void same(GgufMetadata said, String key, int only) {
        int value = said.integer(key, only);
        check(said, key, value, value == only, "be %d in the models that are read".formatted(only));
    }

    private static void check(GgufMetadata said, String key, int value, boolean fits, String rule) {
        if (!fits) {
            throw new FormatException(
                    "%s says %s is %d; it must %s".formatted(said.file(), key, value, rule));
        }
    }
}
