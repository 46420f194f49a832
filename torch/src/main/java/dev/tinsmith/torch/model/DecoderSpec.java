package dev.tinsmith.torch.model;

/// What a decoder-only transformer is made of, in numbers. Families fill it in, the blocks of `nn`
/// read it.
///
/// @param hidden the width of the residual stream
/// @param intermediate the width inside the feed-forward block
/// @param context how many tokens a sequence may have
/// @param tied whether the unembedding is the embedding
public record DecoderSpec(
        int vocabulary,
        int layers,
        int hidden,
        Heads heads,
        int intermediate,
        double normEps,
        RopeSpec rope,
        int context,
        boolean tied) {
    public DecoderSpec {
        if (vocabulary < 1 || layers < 1 || hidden < 1 || intermediate < 1 || context < 1) {
            throw new IllegalArgumentException(
                    "vocabulary %d, layers %d, hidden %d, intermediate %d, context %d: each must be at least 1"
                            .formatted(vocabulary, layers, hidden, intermediate, context));
        }
    }

    /// How many numbers the base holds.
    public long parameters() {
        long attention = 2L * hidden * heads.queryWidth() + 2L * hidden * heads.keyValueWidth();
        long layer = attention + 3L * hidden * intermediate + 2L * hidden;
        return (tied ? 1L : 2L) * vocabulary * hidden + layers * layer + hidden;
    }

    /// The heads of an attention block.
    ///
    /// @param size the width of one head
    public record Heads(int query, int keyValue, int size) {
        public Heads {
            if (query < 1 || keyValue < 1 || query % keyValue != 0) {
                throw new IllegalArgumentException(
                        "%d query heads cannot share %d key-value heads evenly"
                                .formatted(query, keyValue));
            }
            if (size < 2 || size % 2 != 0) {
                throw new IllegalArgumentException(
                        "a head of %d numbers cannot be rotated in pairs".formatted(size));
            }
        }

        /// How many query heads share a key-value head.
        public int group() {
            return query / keyValue;
        }

        /// The width of all queries.
        public int queryWidth() {
            return query * size;
        }

        /// The width of all keys, and of all values.
        public int keyValueWidth() {
            return keyValue * size;
        }

        /// The width of queries, keys and values side by side.
        public int width() {
            return queryWidth() + 2 * keyValueWidth();
        }
    }
}
