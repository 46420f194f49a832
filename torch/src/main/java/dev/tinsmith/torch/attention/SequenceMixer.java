package dev.tinsmith.torch.attention;

import dev.tinsmith.torch.model.AttentionSpec;
import dev.tinsmith.torch.model.DecoderSpec.Heads;
import dev.tinsmith.torch.ops.Dtype;
import dev.tinsmith.torch.ops.Ops;
import dev.tinsmith.torch.ops.Scope;
import dev.tinsmith.torch.ops.SoftCap;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/// Causal attention within each of several whole sequences.
///
/// T rows, K key-value heads, G query heads to each of them, E the width of a head, Q the queries
/// of a tile, S the keys it looks at, P the rows of all keys, O the widths of queries, keys and
/// values together. Queries are laid out so that all heads of a group multiply the keys they share
/// at once: `[K, Q·G, S]`.
public final class SequenceMixer implements Mixer {
    private final AttentionSpec attention;
    private final Heads heads;
    private final HeadSplit split;
    private final Optional<SoftCap> cap;
    private final Sequences sequences;
    private final Ropes.Turns turns;
    private final Keep keep;
    private final CausalMask mask;
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
            AttentionSpec attention,
            Sequences sequences,
            Ropes.Turns turns,
            Dtype dtype,
            Keep keep) {
        this.attention = attention;
        this.heads = attention.heads();
        this.split = HeadSplit.of(attention);
        this.cap = attention.cap().stream().mapToObj(SoftCap::new).findFirst();
        this.sequences = sequences;
        this.turns = turns;
        this.keep = keep;
        this.mask = new CausalMask(dtype);
        this.keyRow_T = Ops.indices(sequences.keyRowOfEach());
    }

    @Override
    public Mixed mix(int layer, Tensor qkv_TO) {
        Inputs in = inputs(layer, qkv_TO);
        Tensor y_TKGE = qkv_TO.new_empty(sequences.tokens(), heads.queryWidth()).view(shape());
        Tensor y_KTGE = y_TKGE.permute(1, 0, 2, 3);
        List<Tensor> kept = new ArrayList<>(in.tensors());
        for (Sequences.Tile tile : sequences.tiles()) {
            if (keep == Keep.LIKELIHOODS) {
                kept.add(attend(layer, in, tile, y_KTGE));
            } else {
                try (Scope _ = Scope.open()) { // a long sequence has many tiles
                    attend(layer, in, tile, y_KTGE);
                }
            }
        }
        Tensor y_TO = y_TKGE.view(sequences.tokens(), heads.queryWidth());
        return new Mixed(y_TO, keep == Keep.NOTHING ? List.of() : kept);
    }

    /// @return the likelihoods
    private Tensor attend(int layer, Inputs in, Sequences.Tile tile, Tensor y_KTGE) {
        Tensor p_KqS = likelihoods(layer, in, tile);
        Tensor y_KqE = Products.weigh(p_KqS, in.keys(in.v_KPE(), tile));
        y_KTGE.narrow(1, tile.row(), tile.queries()).copy_(unfold(y_KqE, tile));
        return p_KqS;
    }

    /// The gradient by queries, keys and values.
    public Tensor backward(int layer, Tensor dy_TO, Mixed mixed) {
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
                                : likelihoods(layer, in, tile);
                Tensor dy_KqE = fold(dy_KTGE, tile);
                Ops.add(in.keys(dv_KPE, tile), Ops.bmm(p_KqS.transpose(1, 2), dy_KqE));
                Tensor dp_KqS = Ops.bmm(dy_KqE, in.keys(in.v_KPE(), tile).transpose(1, 2));
                Tensor ds_KqS = Ops.softmaxBackward(dp_KqS, p_KqS);
                cap.ifPresent(each -> ds_KqS.mul_(each.slope(scores(in, tile))));
                Ops.bmmInto(fold(dq_KTGE, tile), ds_KqS, in.keys(in.k_KPE(), tile));
                Ops.add(
                        in.keys(dk_KPE, tile),
                        Ops.bmm(ds_KqS.transpose(1, 2), fold(in.q_KTGE(), tile)));
            }
        }
        return gather(layer, dq_KTGE, dk_KPE, dv_KPE);
    }

    /// How much of each key every query of the tile takes.
    private Tensor likelihoods(int layer, Inputs in, Sequences.Tile tile) {
        Tensor s_KqS = scores(in, tile);
        Tensor s_KQGS = s_KqS.view(heads.keyValue(), tile.queries(), heads.group(), tile.keys());
        mask.hide(s_KQGS, tile, attention.window(layer));
        return Ops.softmax(s_KqS);
    }

    private Tensor scores(Inputs in, Sequences.Tile tile) {
        Tensor s_KqS = Products.scores(fold(in.q_KTGE(), tile), in.keys(in.k_KPE(), tile));
        cap.ifPresent(each -> each.bend(s_KqS));
        return s_KqS;
    }

    /// Turns queries and keys, and lays everything out head by head.
    private Inputs inputs(int layer, Tensor qkv_TO) {
        Rope.Angles angles = turns.of(layer);
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
    private Tensor gather(int layer, Tensor dq_KTGE, Tensor dk_KPE, Tensor dv_KPE) {
        Rope.Angles angles = turns.of(layer);
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
