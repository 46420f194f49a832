package dev.tinsmith.torch.model;

/// What a decoder-only transformer is made of, in numbers. Families fill it in, the blocks of `nn`
/// read it.
///
/// @param hidden the width of the residual stream
/// @param context how many tokens a sequence may have
public record DecoderSpec(
        EmbeddingSpec embedding,
        int layers,
        int hidden,
        AttentionSpec attention,
        FeedForwardSpec feedForward,
        NormSpec norms,
        int context) {
    public DecoderSpec {
        if (layers < 1 || hidden < 1 || context < 1) {
            throw new IllegalArgumentException(
                    "layers %d, hidden %d, context %d: each must be at least 1"
                            .formatted(layers, hidden, context));
        }
    }

    /// How many tokens there are to choose from.
    public int vocabulary() {
        return embedding.vocabulary();
    }

    /// The heads of its attention.
    public Heads heads() {
        return attention.heads();
    }

    /// Whether tokens are sent to experts.
    public boolean hasExperts() {
        return feedForward.experts().isPresent();
    }

    /// How many numbers the base holds.
    public long parameters() {
        long ends = (embedding.tied() ? 1L : 2L) * vocabulary() * hidden;
        long layer =
                attention.parameters(hidden)
                        + feedForward.parameters(hidden)
                        + (long) norms.perLayer() * hidden;
        return ends + layers * layer + hidden;
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
