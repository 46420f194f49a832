package dev.tinsmith.torch.attention;

import dev.tinsmith.torch.model.DecoderSpec.Heads;
import dev.tinsmith.torch.ops.Dtype;
import dev.tinsmith.torch.ops.Ops;
import dev.tinsmith.torch.ops.Scope;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/// Causal attention within each of several whole sequences.
///
/// T rows, K key-value heads, G query heads to each of them, E the width of a head, Q the queries
/// of a tile, S the keys it looks at, P the rows of all keys, O the widths of queries, keys and
/// values together. Queries are laid out so that all heads of a group multiply the keys they share
/// at once: `[K, Q·G, S]`.
public final class SequenceMixer implements Mixer {
    private final Heads heads;
    private final HeadSplit split;
    private final Sequences sequences;
    private final Rope.Angles angles;
    private final Keep keep;
    private final Tensor mask_Q1Q;
    private final Tensor keyRow_T;

    /// What to keep for a backward pass.
    public enum Keep {
        /// Nothing: no backward pass follows.
        NOTHING,
        /// The inputs; the likelihoods are computed once more.
        INPUTS,
        /// The likelihoods too, which grow with the square of a sequence's length.
        LIKELIHOODS
    }

    public SequenceMixer(
            Heads heads, Sequences sequences, Rope.Angles angles, Dtype dtype, Keep keep) {
        this.heads = heads;
        this.split = new HeadSplit(heads);
        this.sequences = sequences;
        this.angles = angles;
        this.keep = keep;
        this.mask_Q1Q = causal(dtype);
        this.keyRow_T = Ops.indices(sequences.keyRowOfEach());
    }

    @Override
    public Mixed mix(int layer, Tensor qkv_TO) {
        Inputs in = inputs(qkv_TO);
        Tensor y_TKGE = qkv_TO.new_empty(sequences.tokens(), heads.queryWidth()).view(shape());
        Tensor y_KTGE = y_TKGE.permute(1, 0, 2, 3);
        List<Tensor> kept = new ArrayList<>(in.tensors());
        for (Sequences.Tile tile : sequences.tiles()) {
            if (keep == Keep.LIKELIHOODS) {
                kept.add(attend(in, tile, y_KTGE));
            } else {
                try (Scope _ = Scope.open()) { // a long sequence has many tiles
                    attend(in, tile, y_KTGE);
                }
            }
        }
        Tensor y_TO = y_TKGE.view(sequences.tokens(), heads.queryWidth());
        return new Mixed(y_TO, keep == Keep.NOTHING ? List.of() : kept);
    }

    /// @return the likelihoods
    private Tensor attend(Inputs in, Sequences.Tile tile, Tensor y_KTGE) {
        Tensor p_KqS = likelihoods(in, tile);
        Tensor y_KqE = Products.weigh(p_KqS, in.keys(in.v_KPE(), tile));
        y_KTGE.narrow(1, tile.row(), tile.queries()).copy_(unfold(y_KqE, tile));
        return p_KqS;
    }

    /// The turned keys `[K, P, E]` that `mixed` was made from; only where inputs were kept.
    static Tensor keys(Mixed mixed) {
        return Inputs.of(mixed.kept()).k_KPE();
    }

    /// The values `[K, P, E]`, likewise.
    static Tensor values(Mixed mixed) {
        return Inputs.of(mixed.kept()).v_KPE();
    }

    /// The gradient by queries, keys and values.
    public Tensor backward(Tensor dy_TO, Mixed mixed) {
        Inputs in = Inputs.of(mixed.kept());
        Tensor dy_KTGE = dy_TO.view(shape()).permute(1, 0, 2, 3).contiguous();
        Tensor dq_KTGE = Ops.emptyLike(in.q_KTGE());
        Tensor dk_KPE = Ops.zeros(Dtype.F32, in.k_KPE().size(0), in.k_KPE().size(1), heads.size());
        Tensor dv_KPE = Ops.zerosLike(dk_KPE);
        int index = Inputs.COUNT;
        for (Sequences.Tile tile : sequences.tiles()) {
            try (Scope _ = Scope.open()) {
                Tensor p_KqS =
                        keep == Keep.LIKELIHOODS
                                ? mixed.kept().get(index++)
                                : likelihoods(in, tile);
                Tensor dy_KqE = fold(dy_KTGE, tile);
                Ops.add(in.keys(dv_KPE, tile), Ops.bmm(p_KqS.transpose(1, 2), dy_KqE));
                Tensor dp_KqS = Ops.bmm(dy_KqE, in.keys(in.v_KPE(), tile).transpose(1, 2));
                Tensor ds_KqS = Ops.softmaxBackward(dp_KqS, p_KqS);
                Ops.bmmInto(fold(dq_KTGE, tile), ds_KqS, in.keys(in.k_KPE(), tile));
                Ops.add(
                        in.keys(dk_KPE, tile),
                        Ops.bmm(ds_KqS.transpose(1, 2), fold(in.q_KTGE(), tile)));
            }
        }
        return gather(dq_KTGE, dk_KPE, dv_KPE);
    }

    /// How much of each key every query of the tile takes.
    private Tensor likelihoods(Inputs in, Sequences.Tile tile) {
        Tensor s_KqS = Products.scores(fold(in.q_KTGE(), tile), in.keys(in.k_KPE(), tile));
        Ops.add(
                s_KqS.view(heads.keyValue(), tile.queries(), heads.group(), tile.keys())
                        .narrow(3, tile.from(), tile.ownKeys()),
                mask_Q1Q.narrow(0, 0, tile.queries()).narrow(2, 0, tile.ownKeys()));
        return Ops.softmax(s_KqS);
    }

    /// Turns queries and keys, and lays everything out head by head.
    private Inputs inputs(Tensor qkv_TO) {
        int tokens = sequences.tokens();
        Tensor q_KTGE = qkv_TO.new_empty(heads.keyValue(), tokens, heads.group(), heads.size());
        angles.turn(split.queries(qkv_TO), split.scale(), q_KTGE.permute(1, 0, 2, 3));
        Tensor k_TKE = qkv_TO.new_empty(tokens, heads.keyValue(), heads.size());
        angles.turn(split.keys(qkv_TO), 1, k_TKE.unsqueeze(2));
        return new Inputs(q_KTGE, spread(k_TKE), spread(split.values(qkv_TO).squeeze(2)));
    }

    /// `[T, K, E]` as `[K, P, E]`, with zeros where no token's key is.
    private Tensor spread(Tensor x_TKE) {
        Tensor x_KPE = x_TKE.new_zeros(heads.keyValue(), sequences.keyRows(), heads.size());
        Ops.putRows(x_KPE.transpose(0, 1), keyRow_T, x_TKE);
        return x_KPE;
    }

    /// The way back of [#spread].
    private Tensor gathered(Tensor x_KPE) {
        return Ops.rows(x_KPE.transpose(0, 1), keyRow_T).unsqueeze(2);
    }

    /// The way back of [#inputs].
    private Tensor gather(Tensor dq_KTGE, Tensor dk_KPE, Tensor dv_KPE) {
        Tensor d_TO = dq_KTGE.new_empty(sequences.tokens(), heads.width());
        angles.turnBack(dq_KTGE.permute(1, 0, 2, 3), split.scale(), split.queries(d_TO));
        angles.turnBack(gathered(dk_KPE), 1, split.keys(d_TO));
        split.values(d_TO).copy_(gathered(dv_KPE));
        return d_TO;
    }

    private long[] shape() {
        return new long[] {sequences.tokens(), heads.keyValue(), heads.group(), heads.size()};
    }

    /// A tile's rows of `[K, T, G, E]` as `[K, Q·G, E]`.
    private Tensor fold(Tensor x_KTGE, Sequences.Tile tile) {
        return x_KTGE.narrow(1, tile.row(), tile.queries())
                .view(heads.keyValue(), (long) tile.queries() * heads.group(), heads.size());
    }

    private Tensor unfold(Tensor x_KqE, Sequences.Tile tile) {
        return x_KqE.view(heads.keyValue(), tile.queries(), heads.group(), heads.size());
    }

    /// Minus infinity where the key comes after the query.
    private static Tensor causal(Dtype dtype) {
        int size = Sequences.TILE;
        float[] mask = new float[size * size];
        for (int cell = 0; cell < mask.length; cell++) {
            mask[cell] = cell % size > cell / size ? Float.NEGATIVE_INFINITY : 0;
        }
        return Ops.to(Ops.floats(mask, size, 1, size), dtype);
    }

    /// Queries, turned and scaled; keys, turned; values.
    private record Inputs(Tensor q_KTGE, Tensor k_KPE, Tensor v_KPE) {
        static final int COUNT = 3;

        static Inputs of(List<Tensor> kept) {
            return new Inputs(kept.get(0), kept.get(1), kept.get(2));
        }

        List<Tensor> tensors() {
            return List.of(q_KTGE, k_KPE, v_KPE);
        }

        /// The rows of `x_KPE` that the tile looks at.
        Tensor keys(Tensor x_KPE, Sequences.Tile tile) {
            return x_KPE.narrow(1, tile.keyStart(), tile.keys());
        }
    }
}
