package dev.tinsmith.torch.ops;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/// A matrix that never changes, laid out for the products that are asked of it. It owns its
/// numbers.
///
/// In bf16 oneDNN would lay it out anew for every product, which costs as much as a product of a
/// few rows; so it is packed once: for products forwards when it is made, for products backwards
/// when the first one is asked for. In F32 it stays as it is. Any thread may multiply with it.
///
/// T rows, I the width of the input, O that of the output.
public final class Matrix implements AutoCloseable {
    private final Tensor weight_OI;
    private final boolean isPacked;
    private Optional<Tensor> backwards = Optional.empty();

    private Matrix(Tensor weight_OI, boolean isPacked) {
        this.weight_OI = weight_OI;
        this.isPacked = isPacked;
    }

    /// Takes over `weight_OI`, which was kept out of every scope.
    public static Matrix of(Tensor weight_OI) {
        if (Ops.dtype(weight_OI) != Dtype.BF16) {
            return new Matrix(weight_OI, false);
        }
        try (Scope scope = Scope.open()) {
            Tensor packed = scope.keep(Ops.pack(weight_OI));
            Scope.free(weight_OI);
            return new Matrix(packed, true);
        }
    }

    /// `x·Wᵀ`
    public Tensor times(Tensor x_TI) {
        return isPacked
                ? Ops.timesPacked(x_TI, weight_OI)
                : LeastRows.with(x_TI, 0, enough -> Ops.mm(enough, weight_OI.t()));
    }

    /// `y + x·Wᵀ`, rounded once. May use up `y`.
    public Tensor timesPlus(Tensor x_TI, Tensor y_TO) {
        if (isPacked) {
            return Ops.timesPackedPlus(x_TI, weight_OI, y_TO);
        }
        return plus(y_TO, x_TI, weight_OI.t());
    }

    /// `dy·W`
    public Tensor timesBack(Tensor dy_TO) {
        return isPacked
                ? Ops.timesPacked(dy_TO, backwards())
                : LeastRows.with(dy_TO, 0, enough -> Ops.mm(enough, weight_OI));
    }

    /// `dx + dy·W`, rounded once. May use up `dx`.
    public Tensor timesBackPlus(Tensor dy_TO, Tensor dx_TI) {
        if (isPacked) {
            return Ops.timesPackedPlus(dy_TO, backwards(), dx_TI);
        }
        return plus(dx_TI, dy_TO, weight_OI);
    }

    /// `y + a·b`
    private static Tensor plus(Tensor y, Tensor a, Tensor b) {
        return LeastRows.with(
                a,
                0,
                enough -> {
                    Tensor sum = LeastRows.padded(y, 0, enough.size(0));
                    Ops.addMm(sum, enough, b);
                    return sum;
                });
    }

    /// The width of the output.
    public long rows() {
        return weight_OI.size(0);
    }

    private synchronized Tensor backwards() {
        if (backwards.isEmpty()) {
            try (Scope scope = Scope.open()) {
                Tensor weight_IO = weight_OI.to_dense().t().contiguous();
                backwards = Optional.of(scope.keep(Ops.pack(weight_IO)));
            }
        }
        return backwards.get();
    }

    @Override
    public void close() {
        Scope.free(weight_OI);
        backwards.ifPresent(Scope::free);
    }
}
