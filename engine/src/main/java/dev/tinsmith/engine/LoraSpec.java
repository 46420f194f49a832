package dev.tinsmith.engine;

/// Which low-rank factors a run trains: `W + (32 / rank)·B·A`, with A `[rank, in]` drawn from
/// `seed` and B `[out, rank]` zero at first.
///
/// @param rank a power of two from 1 to [#MAX_RANK]
/// @param seed decides every value of A
/// @param attn adapt q, k, v and o of every layer
/// @param mlp adapt gate, up and down of every layer
/// @param unembed adapt the unembedding
public record LoraSpec(int rank, long seed, boolean attn, boolean mlp, boolean unembed) {
    /// The numerator of the scale, whatever the rank; the hosted service uses the same.
    public static final int ALPHA = 32;

    /// The largest rank a run may have.
    public static final int MAX_RANK = 128;

    public LoraSpec {
        if (rank < 1 || rank > MAX_RANK || Integer.bitCount(rank) != 1) {
            throw new IllegalArgumentException(
                    "rank is %d; it must be a power of two from 1 to %d".formatted(rank, MAX_RANK));
        }
        if (!attn && !mlp && !unembed) {
            throw new IllegalArgumentException(
                    "train_attn, train_mlp and train_unembed are all false; at least one must be true");
        }
    }

    /// What B·A is multiplied by.
    public double scale() {
        return (double) ALPHA / rank;
    }
}
