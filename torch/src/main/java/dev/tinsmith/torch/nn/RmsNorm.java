package dev.tinsmith.torch.nn;

import dev.tinsmith.torch.ops.Dtype;
import dev.tinsmith.torch.ops.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/// Root-mean-square normalisation along the last dimension, in F32 whatever comes after it.
///
/// T rows, D their width.
public final class RmsNorm {
    private final Tensor weight_D;
    private final double eps;
    private final Dtype dtype;

    /// @param weight_D in F32
    /// @param dtype what the output is rounded to
    RmsNorm(Tensor weight_D, double eps, Dtype dtype) {
        this.weight_D = weight_D;
        this.eps = eps;
        this.dtype = dtype;
    }

    /// Scales each row to a mean square of 1, then each column by its weight.
    Normed forward(Tensor h_TD) {
        Tensor rate_T1 = Ops.normLast(h_TD);
        rate_T1.mul_(rate_T1);
        Ops.div(rate_T1, (double) h_TD.size(-1));
        Ops.add(rate_T1, eps);
        rate_T1.rsqrt_();
        Tensor unit_TD = h_TD.mul(rate_T1);
        Tensor y_TD = Ops.to(unit_TD.mul(weight_D), dtype);
        return new Normed(y_TD, Ops.to(unit_TD, dtype), rate_T1);
    }

    /// Adds to `dh` what `dy`, the gradient by the output, says of the input.
    void backward(Tensor dh_TD, Tensor dy_TD, Normed normed) {
        Ops.addMul(dh_TD, unscaled(dy_TD, normed), normed.rate_T1(), 1);
    }

    /// The gradient by the input, of which `dy` is that by the output.
    Tensor backward(Tensor dy_TD, Normed normed) {
        return unscaled(dy_TD, normed).mul(normed.rate_T1());
    }

    private Tensor unscaled(Tensor dy_TD, Normed normed) {
        Tensor unit_TD = Ops.to(normed.unit_TD(), Dtype.F32);
        Tensor du_TD = dy_TD.mul(weight_D);
        Tensor along_T1 = Ops.meanLast(du_TD.mul(unit_TD));
        Ops.addMul(du_TD, unit_TD, along_T1, -1);
        return du_TD;
    }

    /// What came out, and what a backward pass needs.
    ///
    /// @param unit_TD the rows before the weights
    /// @param rate_T1 what each row was multiplied by
    public record Normed(Tensor y_TD, Tensor unit_TD, Tensor rate_T1) {
        List<Tensor> kept() {
            return List.of(y_TD, unit_TD, rate_T1);
        }

        /// What the norm's own way back needs.
        List<Tensor> toGoBack() {
            return List.of(unit_TD, rate_T1);
        }
    }
}
