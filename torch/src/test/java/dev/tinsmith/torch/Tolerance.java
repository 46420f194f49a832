package dev.tinsmith.torch;

/// How far a number may be from the one it is compared with.
public final class Tolerance {
    /// Logits and log-probabilities in F32, absolute.
    public static final float LOGPROB = 1e-3f;

    /// Log-probabilities in bf16, absolute, on average.
    public static final double BF16_LOGPROB = 0.02;

    /// Gradients of factors in F32, relative to the largest of their tensor.
    public static final double GRADIENT = 1e-4;

    /// A loss in F32, absolute, for each of its tokens.
    public static final double LOSS = 1e-4;

    /// The derivative of a loss by a log-probability, absolute.
    public static final float SLOPE = 1e-3f;

    /// The global norm of a gradient in F32, relative.
    public static final double GRADIENT_NORM = 1e-4;

    /// The moments of the optimizer after ten steps, relative to the largest of their tensor.
    public static final double MOMENT = 1e-4;

    /// Adapter weights after ten steps, absolute.
    public static final float TEN_STEPS = 1e-5f;

    /// Likewise, where the first gradient is below [#GRADIENT] and so its sign may be chance.
    public static final float TEN_STEPS_OF_NOISE = 1e-4f;

    /// The same sums in another order, absolute.
    public static final float ORDER = 2e-5f;

    private Tolerance() {}
}
