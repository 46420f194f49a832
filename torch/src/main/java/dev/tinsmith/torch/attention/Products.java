package dev.tinsmith.torch.attention;

import dev.tinsmith.torch.ops.Dtype;
import dev.tinsmith.torch.ops.LeastRows;
import dev.tinsmith.torch.ops.Ops;
import org.bytedeco.pytorch.Tensor;

/// The two products of attention, so computed that what a query gets does not depend on the queries
/// beside it, nor on how many keys that it does not see lie behind those it does. Training, prefill
/// and decoding all come here, and get the same bits.
///
/// Three things matter, found by experiment (`docs/decisions/0010-same-bits.md`): keys are added up
/// [#depth] at a time, since longer sums are split by their length; there is a multiple of [#KEYS]
/// of them, so that a softmax adds up the same lanes; and a product has [LeastRows].
///
/// B products side by side, R rows of queries, S keys, E the width of a head.
final class Products {
    /// How many keys are looked at is a multiple of this.
    static final int KEYS = 32;

    private Products() {}

    /// How many keys are added up in one product: in F32 MKL splits sums of more than 128 by their
    /// length, in bf16 oneDNN those of more than 1,024.
    static int depth(Dtype dtype) {
        return dtype == Dtype.F32 ? 128 : 512;
    }

    /// `count`, or the next multiple of [#KEYS].
    static int padded(int count) {
        return Math.ceilDiv(count, KEYS) * KEYS;
    }

    /// How well each query matches each key.
    static Tensor scores(Tensor q_BRE, Tensor k_BSE) {
        Tensor k_BES = k_BSE.transpose(1, 2);
        return LeastRows.with(q_BRE, 1, enough_BRE -> Ops.bmm(enough_BRE, k_BES));
    }

    /// What each query takes of each value.
    static Tensor weigh(Tensor p_BRS, Tensor v_BSE) {
        return LeastRows.with(p_BRS, 1, enough_BRS -> sum(enough_BRS, v_BSE));
    }

    private static Tensor sum(Tensor p_BRS, Tensor v_BSE) {
        long keys = v_BSE.size(1);
        long depth = depth(Ops.dtype(p_BRS));
        if (keys <= depth) {
            return Ops.bmm(p_BRS, v_BSE);
        }
        Tensor y_BRE = Ops.zeros(Dtype.F32, p_BRS.size(0), p_BRS.size(1), v_BSE.size(2));
        for (long from = 0; from < keys; from += depth) {
            long count = Math.min(depth, keys - from);
            Ops.add(y_BRE, Ops.bmm(p_BRS.narrow(2, from, count), v_BSE.narrow(1, from, count)));
        }
        return y_BRE;
    }
}
