package dev.tinsmith.torch.ops;

import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/// How many rows a product has at least: with fewer, another kernel computes it, and adds up in
/// another order, so that a row's bits would depend on how many rows there are.
public final class LeastRows {
    private LeastRows() {}

    /// How many that is, as found by experiment (`docs/decisions/0010-same-bits.md`).
    public static int of(Dtype dtype) {
        return dtype == Dtype.F32 ? 4 : 2;
    }

    /// `product` of `x`, with zeros after its rows where there are too few.
    ///
    /// @param dimension the rows, of the operand and of the product
    public static Tensor with(Tensor x, int dimension, UnaryOperator<Tensor> product) {
        long rows = x.size(dimension);
        int least = of(Ops.dtype(x));
        if (rows >= least) {
            return product.apply(x);
        }
        return product.apply(padded(x, dimension, least)).narrow(dimension, 0, rows);
    }

    /// `x`, with zeros after it until it is so long in `dimension`.
    public static Tensor padded(Tensor x, int dimension, long length) {
        if (x.size(dimension) == length) {
            return x;
        }
        long[] shape = x.sizes().vec().get();
        shape[dimension] = length - x.size(dimension);
        return Ops.concat(List.of(x, Ops.zeros(Ops.dtype(x), shape)), dimension);
    }
}
