package dev.tinsmith.torch.ops;

import org.bytedeco.pytorch.Tensor;

/// Bends numbers so that they stay between minus and plus a limit: `limit·tanh(x/limit)`.
public record SoftCap(double limit) {
    /// Bends `x` in place.
    public void bend(Tensor x) {
        Ops.div(x, limit);
        x.tanh_();
        Ops.mul(x, limit);
    }

    /// How much a number that became `bent` moves it: `1 − (bent/limit)²`.
    public Tensor slope(Tensor bent) {
        Tensor slope = bent.mul(bent);
        Ops.mul(slope, -1 / (limit * limit));
        Ops.add(slope, 1.0);
        return slope;
    }
}
