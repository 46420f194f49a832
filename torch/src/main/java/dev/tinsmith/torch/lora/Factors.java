package dev.tinsmith.torch.lora;

import dev.tinsmith.torch.ops.Ops;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/// The low-rank factors of one projection, or their gradients: views of a flat row that someone
/// else owns. Parts that share an input share one matrix, so that one multiplication serves all.
///
/// T rows, I the width of the input, O that of the output of all parts side by side, R the rank of
/// all parts side by side, r that of one.
///
/// @param down_IR the parts' factors A side by side, transposed
/// @param up_rO for each part its factor B, transposed
/// @param scale what their product is multiplied by
public record Factors(Tensor down_IR, List<Tensor> up_rO, double scale) implements Added {
    public Factors {
        up_rO = List.copyOf(up_rO);
    }

    /// `y += scale·(x·A)·B`, part by part.
    @Override
    public Projected addTo(Tensor y_TO, Tensor x_TI) {
        Tensor low_TR = Ops.mm(x_TI, down_IR);
        long offset = 0;
        for (int part = 0; part < up_rO.size(); part++) {
            Tensor up = up_rO.get(part);
            Ops.addMm(y_TO.narrow(1, offset, up.size(1)), low(low_TR, part), up, scale);
            offset += up.size(1);
        }
        return new Projected(y_TO, Optional.of(low_TR));
    }

    /// Adds to `dx` and to the gradients of the factors.
    ///
    /// @param low_TR what [#addTo] returned
    /// @param gradients F32, as these in shape
    public void backward(
            Tensor dx_TI, Tensor dy_TO, Tensor x_TI, Tensor low_TR, Factors gradients) {
        Tensor dlow_TR = backwardUp(dy_TO, low_TR, gradients);
        Ops.addMm(dx_TI, dlow_TR, down_IR.t(), 1);
        addProduct(gradients.down_IR(), x_TI.t(), dlow_TR, 1);
    }

    /// The half of it that looks at the output.
    ///
    /// @return the gradient of `x·A`
    private Tensor backwardUp(Tensor dy_TO, Tensor low_TR, Factors gradients) {
        Tensor dlow_TR = Ops.emptyLike(low_TR);
        long offset = 0;
        for (int part = 0; part < up_rO.size(); part++) {
            Tensor up = up_rO.get(part);
            Tensor dy = dy_TO.narrow(1, offset, up.size(1));
            Ops.mmInto(low(dlow_TR, part), dy, up.t());
            addProduct(gradients.up_rO().get(part), low(low_TR, part).t(), dy, scale);
            offset += up.size(1);
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

    private Tensor low(Tensor low_TR, int part) {
        long rank = up_rO.getFirst().size(0);
        return low_TR.narrow(1, part * rank, rank);
    }
}
