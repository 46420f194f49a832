package dev.tinsmith.engine;

/// The settings of one AdamW step, as the client sends them with each one.
///
/// @param gradClipNorm the largest global norm of the gradient; 0 or less does not clip
public record AdamStep(
        double learningRate,
        double beta1,
        double beta2,
        double eps,
        double weightDecay,
        double gradClipNorm) {
    /// What fp32 still tells from zero.
    private static final double LEAST_EPS = 1e-37;

    public AdamStep {
        notNegative("learning_rate", learningRate);
        below1("beta1", beta1);
        below1("beta2", beta2);
        if (!(eps >= LEAST_EPS) || eps == Double.POSITIVE_INFINITY) {
            throw new IllegalArgumentException(
                    "eps is %s; it must be finite and at least %s, since a parameter that never had a gradient is divided by it"
                            .formatted(eps, LEAST_EPS));
        }
        notNegative("weight_decay", weightDecay);
        if (!Double.isFinite(gradClipNorm)) {
            throw new IllegalArgumentException(
                    "grad_clip_norm is %s; it must be finite, 0 for none".formatted(gradClipNorm));
        }
    }

    private static void notNegative(String name, double value) {
        if (!(value >= 0) || value == Double.POSITIVE_INFINITY) {
            throw new IllegalArgumentException(
                    "%s is %s; it must be finite and at least 0".formatted(name, value));
        }
    }

    private static void below1(String name, double value) {
        if (!(value >= 0 && value < 1)) {
            throw new IllegalArgumentException(
                    "%s is %s; it must be at least 0 and below 1".formatted(name, value));
        }
    }
}
