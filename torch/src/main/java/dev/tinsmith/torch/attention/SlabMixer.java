package dev.tinsmith.torch.attention;

import dev.tinsmith.torch.model.DecoderSpec.Heads;
import dev.tinsmith.torch.ops.Dtype;
import dev.tinsmith.torch.ops.Ops;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/// Attention of one new token per sequence over the tokens before it, slab by slab.
///
/// R rows, one per slot in use, slab after slab; S those of one slab; K key-value heads, G query
/// heads to each, P positions, E the width of a head.
public final class SlabMixer implements Mixer {
    private final Heads heads;
    private final HeadSplit split;
    private final Rope.Angles angles;
    private final List<Part> parts = new ArrayList<>();

    public SlabMixer(Heads heads, Rope.Angles angles, Dtype dtype, List<KvSlab> slabs) {
        this.heads = heads;
        this.split = new HeadSplit(heads);
        this.angles = angles;
        int row = 0;
        for (KvSlab slab : slabs) {
            parts.add(Part.of(slab, row, heads.keyValue(), dtype));
            row += slab.slots();
        }
    }

    @Override
    public Mixed mix(int layer, Tensor qkv_RO) {
        long rows = qkv_RO.size(0);
        Tensor q_RKGE = qkv_RO.new_empty(rows, heads.keyValue(), heads.group(), heads.size());
        Tensor k_RKE = qkv_RO.new_empty(rows, heads.keyValue(), heads.size());
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
    /// @param mask_S11P minus infinity at positions beyond each sequence
    private record Part(KvSlab slab, int row, Tensor index_N, Tensor mask_S11P) {

        static Part of(KvSlab slab, int row, int kvHeads, Dtype dtype) {
            int positions = Products.padded(slab.longest() + 1);
            long[] index = new long[slab.slots() * kvHeads];
            float[] mask = new float[slab.slots() * positions];
            for (int slot = 0; slot < slab.slots(); slot++) {
                int length = slab.length(slot);
                for (int head = 0; head < kvHeads; head++) {
                    int line = slot * kvHeads + head;
                    index[line] = (long) line * slab.room() + length;
                }
                for (int position = length + 1; position < positions; position++) {
                    mask[slot * positions + position] = Float.NEGATIVE_INFINITY;
                }
            }
            Tensor mask_S11P = Ops.floats(mask, slab.slots(), 1, 1, positions);
            return new Part(slab, row, Ops.indices(index), Ops.to(mask_S11P, dtype));
        }

        void append(Tensor cache_SKPE, Tensor fresh_RKE) {
            long size = fresh_RKE.size(2);
            Ops.putRows(
                    cache_SKPE.view(-1, size),
                    index_N,
                    fresh_RKE.narrow(0, row, slab.slots()).view(-1, size));
        }

        void attend(int layer, Tensor q_RKGE, Tensor y_RKGE) {
            Tensor q_NGE = lines(q_RKGE.narrow(0, row, slab.slots()));
            Tensor s_NGP = Products.scores(q_NGE, seen(slab.keys(layer)));
            Tensor s_SKGP = s_NGP.view(slab.slots(), -1, q_NGE.size(1), mask_S11P.size(3));
            Ops.add(s_SKGP, mask_S11P);
            Tensor y_NGE = Products.weigh(Ops.softmax(s_NGP), seen(slab.values(layer)));
            lines(y_RKGE.narrow(0, row, slab.slots())).copy_(y_NGE);
        }

        /// The positions that are looked at, sequence by sequence and head by head.
        private Tensor seen(Tensor cache_SKPE) {
            return lines(cache_SKPE.narrow(0, 0, slab.slots()).narrow(2, 0, mask_S11P.size(3)));
        }

        private static Tensor lines(Tensor x) {
            return x.view(x.size(0) * x.size(1), x.size(2), x.size(3));
        }
    }
}
