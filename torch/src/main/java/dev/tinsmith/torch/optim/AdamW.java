package dev.tinsmith.torch.optim;

import dev.tinsmith.engine.AdamStep;
import dev.tinsmith.torch.ops.Dtype;
import dev.tinsmith.torch.ops.Ops;
import dev.tinsmith.torch.ops.Scope;
import org.bytedeco.pytorch.Tensor;

/// AdamW, number by number as PyTorch computes it: decay apart from the gradient, moments corrected
/// for their start at zero. It owns the moments.
public final class AdamW implements AutoCloseable {
    private static final double CLIP_EPS = 1e-6;

    private final Tensor mean_N;
    private final Tensor square_N;
    private long step;

    private AdamW(Tensor mean_N, Tensor square_N, long step) {
        this.mean_N = mean_N;
        this.square_N = square_N;
        this.step = step;
    }

    /// One that has taken no step yet.
    public static AdamW fresh(long size) {
        try (Scope scope = Scope.open()) {
            return new AdamW(
                    scope.keep(Ops.zeros(Dtype.F32, size)),
                    scope.keep(Ops.zeros(Dtype.F32, size)),
                    0);
        }
    }

    /// One that goes on from saved moments.
    public static AdamW resumed(float[] mean, float[] square, long step) {
        try (Scope scope = Scope.open()) {
            return new AdamW(
                    scope.keep(Ops.floats(mean, mean.length)),
                    scope.keep(Ops.floats(square, square.length)),
                    step);
        }
    }

    /// The running mean of the gradient.
    public Tensor mean_N() {
        return mean_N;
    }

    /// The running mean of its square.
    public Tensor square_N() {
        return square_N;
    }

    /// How many steps were taken.
    public long step() {
        return step;
    }

    /// Changes `values` in place, and uses up `gradient`.
    ///
    /// @param norm the global norm of the gradient, a finite number
    public void step(Tensor values_N, Tensor gradient_N, double norm, AdamStep settings) {
        if (settings.gradClipNorm() > 0) {
            Ops.mul(gradient_N, Math.min(1, settings.gradClipNorm() / (norm + CLIP_EPS)));
        }
        step++;
        Ops.mul(values_N, 1 - settings.learningRate() * settings.weightDecay());
        Ops.lerp(mean_N, gradient_N, 1 - settings.beta1());
        Ops.mul(square_N, settings.beta2());
        Ops.addMul(square_N, gradient_N, gradient_N, 1 - settings.beta2());

        double correction1 = 1 - Math.pow(settings.beta1(), (double) step);
        double correction2 = 1 - Math.pow(settings.beta2(), (double) step);
        Tensor denominator_N = gradient_N;
        Ops.sqrtInto(denominator_N, square_N);
        Ops.div(denominator_N, Math.sqrt(correction2));
        Ops.add(denominator_N, settings.eps());
        Ops.addDiv(values_N, mean_N, denominator_N, -settings.learningRate() / correction1);
    }

    @Override
    public void close() {
        Scope.free(mean_N);
        Scope.free(square_N);
    }
}
