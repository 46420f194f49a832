package dev.tinsmith.torch.model;

import java.util.OptionalDouble;

/// How tokens become numbers at the start, and numbers become scores of tokens at the end.
///
/// @param vocabulary how many tokens there are
/// @param tied whether the unembedding is the embedding
/// @param scale what an embedding is multiplied by
/// @param cap scores are bent so that they stay between minus and plus this
public record EmbeddingSpec(int vocabulary, boolean tied, double scale, OptionalDouble cap) {
    public EmbeddingSpec {
        if (vocabulary < 1) {
            throw new IllegalArgumentException(
                    "a vocabulary has at least 1 token, not " + vocabulary);
        }
        Positive.check("the scale of embeddings", scale);
        cap.ifPresent(value -> Positive.check("the cap of scores", value));
    }

    /// One that neither scales nor caps.
    public static EmbeddingSpec of(int vocabulary, boolean tied) {
        return new EmbeddingSpec(vocabulary, tied, 1, OptionalDouble.empty());
    }
}
