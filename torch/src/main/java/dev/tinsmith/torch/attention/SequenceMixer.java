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
/// of a tile, S the keys it sees, O the widths of queries, keys and values together. Queries are
/// laid out so that all heads of a group multiply the keys they share at once: `[K, Q·G, S]`.
public final class SequenceMixer implements Mixer {
    private final Heads heads;
    private final HeadSplit split;
    private final Sequences sequences;
    private final Rope.Angles angles;
    private final Keep keep;
    private final Tensor mask_Q1Q;

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
        Tensor y_KqE = Ops.bmm(p_KqS, in.keys(in.v_KTE(), tile));
        y_KTGE.narrow(1, tile.row(), tile.queries()).copy_(unfold(y_KqE, tile));
        return p_KqS;
    }

    /// The turned keys `[K, T, E]` that `mixed` was made from; only where inputs were kept.
    static Tensor keys(Mixed mixed) {
        return Inputs.of(mixed.kept()).k_KTE();
    }

    /// The values `[K, T, E]`, likewise.
    static Tensor values(Mixed mixed) {
        return Inputs.of(mixed.kept()).v_KTE();
    }

    /// The gradient by queries, keys and values.
    public Tensor backward(Tensor dy_TO, Mixed mixed) {
        Inputs in = Inputs.of(mixed.kept());
        Tensor dy_KTGE = dy_TO.view(shape()).permute(1, 0, 2, 3).contiguous();
        Tensor dq_KTGE = Ops.emptyLike(in.q_KTGE());
        Tensor dk_KTE = Ops.zeros(Dtype.F32, in.k_KTE().size(0), in.k_KTE().size(1), heads.size());
        Tensor dv_KTE = Ops.zerosLike(dk_KTE);
        int index = Inputs.COUNT;
        for (Sequences.Tile tile : sequences.tiles()) {
            try (Scope _ = Scope.open()) {
                Tensor p_KqS =
                        keep == Keep.LIKELIHOODS
                                ? mixed.kept().get(index++)
                                : likelihoods(in, tile);
                Tensor dy_KqE = fold(dy_KTGE, tile);
                Ops.add(in.keys(dv_KTE, tile), Ops.bmm(p_KqS.transpose(1, 2), dy_KqE));
                Tensor dp_KqS = Ops.bmm(dy_KqE, in.keys(in.v_KTE(), tile).transpose(1, 2));
                Tensor ds_KqS = Ops.softmaxBackward(dp_KqS, p_KqS);
                Ops.bmmInto(fold(dq_KTGE, tile), ds_KqS, in.keys(in.k_KTE(), tile));
                Ops.add(
                        in.keys(dk_KTE, tile),
                        Ops.bmm(ds_KqS.transpose(1, 2), fold(in.q_KTGE(), tile)));
            }
        }
        return gather(dq_KTGE, dk_KTE, dv_KTE);
    }

    /// How much of each key every query of the tile takes.
    private Tensor likelihoods(Inputs in, Sequences.Tile tile) {
        Tensor keys_KES = in.keys(in.k_KTE(), tile).transpose(1, 2);
        Tensor s_KqS = Ops.bmm(fold(in.q_KTGE(), tile), keys_KES);
        Ops.add(
                s_KqS.view(heads.keyValue(), tile.queries(), heads.group(), tile.keys())
                        .narrow(3, tile.from(), tile.queries()),
                mask_Q1Q.narrow(0, 0, tile.queries()).narrow(2, 0, tile.queries()));
        return Ops.softmax(s_KqS);
    }

    /// Turns queries and keys, and lays everything out head by head.
    private Inputs inputs(Tensor qkv_TO) {
        int tokens = sequences.tokens();
        Tensor q_KTGE = qkv_TO.new_empty(heads.keyValue(), tokens, heads.group(), heads.size());
        Tensor k_KTE = qkv_TO.new_empty(heads.keyValue(), tokens, heads.size());
        angles.turn(split.queries(qkv_TO), split.scale(), q_KTGE.permute(1, 0, 2, 3));
        angles.turn(split.keys(qkv_TO), 1, byHead(k_KTE));
        Tensor v_KTE = Ops.emptyLike(k_KTE);
        byHead(v_KTE).copy_(split.values(qkv_TO));
        return new Inputs(q_KTGE, k_KTE, v_KTE);
    }

    /// The way back of [#inputs].
    private Tensor gather(Tensor dq_KTGE, Tensor dk_KTE, Tensor dv_KTE) {
        Tensor d_TO = dq_KTGE.new_empty(sequences.tokens(), heads.width());
        angles.turnBack(dq_KTGE.permute(1, 0, 2, 3), split.scale(), split.queries(d_TO));
        angles.turnBack(byHead(dk_KTE), 1, split.keys(d_TO));
        split.values(d_TO).copy_(byHead(dv_KTE));
        return d_TO;
    }

    private long[] shape() {
        return new long[] {sequences.tokens(), heads.keyValue(), heads.group(), heads.size()};
    }

    /// `[K, T, E]` as `[T, K, 1, E]`.
    private static Tensor byHead(Tensor x_KTE) {
        return x_KTE.transpose(0, 1).unsqueeze(2);
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
    private record Inputs(Tensor q_KTGE, Tensor k_KTE, Tensor v_KTE) {
        static final int COUNT = 3;

        static Inputs of(List<Tensor> kept) {
            return new Inputs(kept.get(0), kept.get(1), kept.get(2));
        }

        List<Tensor> tensors() {
            return List.of(q_KTGE, k_KTE, v_KTE);
        }

        /// The rows of `x_KTE` that the tile sees.
        Tensor keys(Tensor x_KTE, Sequences.Tile tile) {
            return x_KTE.narrow(1, tile.start(), tile.keys());
        }
    }
}
