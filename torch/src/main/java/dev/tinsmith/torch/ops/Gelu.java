package dev.tinsmith.torch.ops;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// `x·Φ(x)`, Φ approximated by a hyperbolic tangent.
public final class Gelu {
    private static final String APPROXIMATION = "tanh";

    private Gelu() {}

    /// Its value.
    public static Tensor of(Tensor x) {
        return torch.gelu(x, APPROXIMATION);
    }

    /// `out` = its derivative at `x`, times `gradient`.
    public static void backwardInto(Tensor out, Tensor gradient, Tensor x) {
        torch.gelu_backward_out(out, gradient, x, APPROXIMATION);
    }
}
