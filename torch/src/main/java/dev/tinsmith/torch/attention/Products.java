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
/// block by block, since longer sums are split by their length; there is a multiple of [#KEYS] of
/// them, so that a softmax adds up the same lanes; and a product has [LeastRows].
///
/// B products side by side, R rows of queries, S keys, N keys of a block, E the width of a head.
final class Products {
    /// How many keys are looked at is a multiple of this.
    static final int KEYS = 32;

    private Products() {}

    /// `count`, or the next multiple of [#KEYS].
    static int padded(int count) {
        return Math.ceilDiv(count, KEYS) * KEYS;
    }

    /// How well each query matches each key. Keys that lie apart are brought together, head by
    /// head, since in bf16 libtorch would do so number by number.
    static Tensor scores(Tensor q_BRE, Tensor k_BSE) {
        Tensor k_BES = k_BSE.contiguous().transpose(1, 2);
        return LeastRows.with(q_BRE, 1, enough_BRE -> Ops.bmm(enough_BRE, k_BES));
    }

    /// What each query takes of each value.
    static Tensor weigh(Tensor p_BRS, Tensor v_BSE) {
        return LeastRows.with(p_BRS, 1, enough_BRS -> sum(enough_BRS, v_BSE));
    }

    private static Tensor sum(Tensor p_BRS, Tensor v_BSE) {
        long keys = v_BSE.size(1);
        Blocks blocks = Blocks.of(Ops.dtype(p_BRS));
        if (keys <= blocks.first()) {
            return Ops.bmm(p_BRS, v_BSE);
        }
        if (blocks.areAlike() && keys % blocks.first() == 0) {
            return atOnce(p_BRS, v_BSE, blocks.first());
        }
        Tensor y_BRE = Ops.zeros(Dtype.F32, p_BRS.size(0), p_BRS.size(1), v_BSE.size(2));
        long from = 0;
        while (from < keys) {
            long size = blocks.at(from);
            long count = Math.min(size, keys - from);
            Tensor p_BRN = p_BRS.narrow(2, from, count);
            Tensor v_BNE = v_BSE.narrow(1, from, count);
            if (blocks.mustBeFull(from)) {
                p_BRN = LeastRows.padded(p_BRN, 2, size);
                v_BNE = LeastRows.padded(v_BNE, 1, size);
            }
            Ops.add(y_BRE, Ops.bmm(p_BRN, v_BNE));
            from += size;
        }
        return y_BRE;
    }

    /// All blocks in one product; their sums are then added up in the same order.
    private static Tensor atOnce(Tensor p_BRS, Tensor v_BSE, long size) {
        long products = p_BRS.size(0);
        long rows = p_BRS.size(1);
        long count = p_BRS.size(2) / size;
        long width = v_BSE.size(2);
        Tensor p_CRN =
                p_BRS.view(products, rows, count, size)
                        .transpose(1, 2)
                        .contiguous()
                        .view(products * count, rows, size);
        Tensor y_CRE = Ops.bmm(p_CRN, v_BSE.contiguous().view(products * count, size, width));
        Tensor y_BcRE = y_CRE.view(products, count, rows, width);
        Tensor y_BRE = Ops.zeros(Dtype.F32, products, rows, width);
        for (long block = 0; block < count; block++) {
            Ops.add(y_BRE, y_BcRE.select(1, block));
        }
        return y_BRE;
    }

    /// How keys are cut into blocks whose sums are added up one after another.
    ///
    /// In bf16 oneDNN splits sums of more than 1,024 by their length, so 512 are always safe. In
    /// F32 MKL splits those of more than 128; so the first two blocks have 128, and then they grow,
    /// but are always full, with zeros if need be, so that each is always split in the same way.
    ///
    /// @param first how many keys the first has at most
    /// @param most how many any has
    private record Blocks(long first, long most) {
        static Blocks of(Dtype dtype) {
            return dtype == Dtype.F32 ? new Blocks(128, 512) : new Blocks(512, 512);
        }

        boolean areAlike() {
            return first == most;
        }

        /// The size of the block that begins with this key.
        long at(long from) {
            return Math.clamp(from, first, most);
        }

        boolean mustBeFull(long from) {
            return at(from) > first;
        }
    }
}
