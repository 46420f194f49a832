package dev.tinsmith.torch.attention;

import dev.tinsmith.torch.model.AttentionSpec;
import dev.tinsmith.torch.model.DecoderSpec.Heads;
import dev.tinsmith.torch.ops.Dtype;
import dev.tinsmith.torch.ops.Ops;
import dev.tinsmith.torch.ops.SoftCap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/// Attention of one new token per sequence over the tokens before it, slab by slab.
///
/// R rows, one per slot in use, slab after slab; S those of one slab; K key-value heads, G query
/// heads to each, P positions, E the width of a head.
public final class SlabMixer implements Mixer {
    private final Heads heads;
    private final HeadSplit split;
    private final Ropes.Turns turns;
    private final List<Part> parts = new ArrayList<>();

    public SlabMixer(AttentionSpec attention, Ropes.Turns turns, Dtype dtype, List<KvSlab> slabs) {
        this.heads = attention.heads();
        this.split = HeadSplit.of(attention);
        this.turns = turns;
        int row = 0;
        for (KvSlab slab : slabs) {
            parts.add(Part.of(slab, row, attention, dtype));
            row += slab.slots();
        }
    }

    @Override
    public Mixed mix(int layer, Tensor qkv_RO) {
        long rows = qkv_RO.size(0);
        Tensor q_RKGE = qkv_RO.new_empty(rows, heads.keyValue(), heads.group(), heads.size());
        Tensor k_RKE = qkv_RO.new_empty(rows, heads.keyValue(), heads.size());
        Rope.Angles angles = turns.of(layer);
        angles.turn(split.queries(qkv_RO), split.scale(), q_RKGE);
        angles.turn(split.keys(qkv_RO), 1, k_RKE.unsqueeze(2));
        Tensor v_RKE = split.values(qkv_RO).squeeze(2).contiguous();
        Tensor y_RKGE = Ops.emptyLike(q_RKGE);
        for (Part part : parts) {
            part.append(part.slab().keys(layer), k_RKE);
            part.append(part.slab().values(layer), v_RKE);
            part.attend(layer, q_RKGE, y_RKGE);
        }
        return new Mixed(y_RKGE.view(rows, heads.queryWidth()), List.of());
    }

    /// The rows of one slab.
    ///
    /// @param row the first
    /// @param index_N where, among the slab's rows of E numbers, each new key goes
    /// @param masks_S11P by window, minus infinity at positions that a sequence's token does not
    ///   see
    private record Part(
            KvSlab slab,
            int row,
            AttentionSpec attention,
            Tensor index_N,
            Map<Integer, Tensor> masks_S11P) {

        static Part of(KvSlab slab, int row, AttentionSpec attention, Dtype dtype) {
            int kvHeads = attention.heads().keyValue();
            long[] index = new long[slab.slots() * kvHeads];
            long[] lengths = new long[slab.slots()];
            for (int line = 0; line < index.length; line++) {
                index[line] = (long) line * slab.room() + slab.length(line / kvHeads);
                lengths[line / kvHeads] = slab.length(line / kvHeads);
            }
            Tensor positions_P = Ops.indices(LongStream.range(0, positions(slab, dtype)).toArray());
            Tensor ahead_S11P = positions_P.sub(Ops.indices(lengths).view(lengths.length, 1, 1, 1));
            Map<Integer, Tensor> masks = new HashMap<>();
            for (int window : attention.distinctWindows()) {
                masks.put(window, mask(ahead_S11P, window, dtype));
            }
            return new Part(slab, row, attention, Ops.indices(index), masks);
        }

        /// How many positions are looked at. In bf16 all there is room for: sequences and heads
        /// then lie close together, and libtorch copies nothing.
        private static int positions(KvSlab slab, Dtype dtype) {
            return dtype == Dtype.BF16 ? slab.room() : Products.padded(slab.longest() + 1);
        }

        /// @param ahead_S11P how far each position is ahead of its sequence's token
        private static Tensor mask(Tensor ahead_S11P, int window, Dtype dtype) {
            Tensor hidden =
                    ahead_S11P
                            .gt(new Scalar(0))
                            .logical_or(ahead_S11P.le(new Scalar(-(long) window)));
            return Ops.to(hidden, dtype).masked_fill(hidden, new Scalar(Double.NEGATIVE_INFINITY));
        }

        void append(Tensor cache_SKPE, Tensor fresh_RKE) {
            long size = fresh_RKE.size(2);
            Ops.putRows(
                    cache_SKPE.view(-1, size),
                    index_N,
                    fresh_RKE.narrow(0, row, slab.slots()).view(-1, size));
        }

        void attend(int layer, Tensor q_RKGE, Tensor y_RKGE) {
            Tensor mask_S11P = Objects.requireNonNull(masks_S11P.get(attention.window(layer)));
            long positions = mask_S11P.size(3);
            Tensor q_NGE = lines(q_RKGE.narrow(0, row, slab.slots()));
            Tensor s_NGP = Products.scores(q_NGE, seen(slab.keys(layer), positions));
            Tensor s_SKGP = s_NGP.view(slab.slots(), -1, q_NGE.size(1), positions);
            attention.cap().ifPresent(limit -> new SoftCap(limit).bend(s_SKGP));
            Ops.add(s_SKGP, mask_S11P);
            Tensor y_NGE = Products.weigh(Ops.softmax(s_NGP), seen(slab.values(layer), positions));
            lines(y_RKGE.narrow(0, row, slab.slots())).copy_(y_NGE);
        }

        /// The positions that are looked at, sequence by sequence and head by head.
        private Tensor seen(Tensor cache_SKPE, long positions) {
            return lines(cache_SKPE.narrow(0, 0, slab.slots()).narrow(2, 0, positions));
        }

        private static Tensor lines(Tensor x) {
            return x.view(x.size(0) * x.size(1), x.size(2), x.size(3));
        }
    }
}
