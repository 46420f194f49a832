package dev.tinsmith.torch.nn;

import dev.tinsmith.torch.ops.Ops;
import org.bytedeco.pytorch.Tensor;

/// What low-rank factors add to a projection, and how gradients pass through them.
///
/// T rows, I the width of the input, O that of the output of all parts side by side, R the rank of
/// all parts side by side.
final class LowRank {
    private LowRank() {}

    /// `y += scale·(x·A)·B`, part by part.
    ///
    /// @return `x·A`
    static Tensor add(Tensor y_TO, Tensor x_TI, Factors factors, double scale) {
        Tensor low_TR = Ops.mm(x_TI, factors.down_DR());
        long offset = 0;
        for (int part = 0; part < factors.up_RO().size(); part++) {
            Tensor up_RO = factors.up_RO().get(part);
            Ops.addMm(part(y_TO, offset, up_RO.size(1)), low(low_TR, factors, part), up_RO, scale);
            offset += up_RO.size(1);
        }
        return low_TR;
    }

    /// Adds to `dx` and to the gradients of the factors.
    ///
    /// @param low_TR what [#add] returned
    /// @param gradients F32, as `factors` in shape
    static void backward(
            Tensor dx_TI,
            Tensor dy_TO,
            Tensor x_TI,
            Tensor low_TR,
            Factors factors,
            Factors gradients,
            double scale) {
        Tensor dlow_TR = backwardUp(dy_TO, low_TR, factors, gradients, scale);
        Ops.addMm(dx_TI, dlow_TR, factors.down_DR().t(), 1);
        addProduct(gradients.down_DR(), x_TI.t(), dlow_TR, 1);
    }

    /// The half of it that looks at the output.
    ///
    /// @return the gradient of `x·A`
    private static Tensor backwardUp(
            Tensor dy_TO, Tensor low_TR, Factors factors, Factors gradients, double scale) {
        Tensor dlow_TR = Ops.emptyLike(low_TR);
        long offset = 0;
        for (int part = 0; part < factors.up_RO().size(); part++) {
            Tensor up_RO = factors.up_RO().get(part);
            Tensor dy = part(dy_TO, offset, up_RO.size(1));
            Ops.mmInto(low(dlow_TR, factors, part), dy, up_RO.t());
            Tensor low = low(low_TR, factors, part);
            addProduct(gradients.up_RO().get(part), low.t(), dy, scale);
            offset += up_RO.size(1);
        }
        Ops.mul(dlow_TR, scale);
        return dlow_TR;
    }

    /// `sum += scale·a·b`, where `sum` is F32 and `a` and `b` may be narrower.
    private static void addProduct(Tensor sum, Tensor a, Tensor b, double scale) {
        if (Ops.dtype(sum) == Ops.dtype(a)) {
            Ops.addMm(sum, a, b, scale);
        } else {
            Ops.add(sum, Ops.mm(a, b), scale);
        }
    }

    private static Tensor part(Tensor x_TO, long offset, long width) {
        return x_TO.narrow(1, offset, width);
    }

    private static Tensor low(Tensor low_TR, Factors factors, int part) {
        return low_TR.narrow(1, part * factors.rank(), factors.rank());
    }
}
