package dev.tinsmith.conformance.client;

/// How far apart two ways of computing one thing may be.
final class Tolerances {
    /// One log-probability of a tiny model, in fp32, computed in another company or order.
    static final double LOGPROB = 1e-4;

    /// A loss in fp32, relative: sums of other parts.
    static final double LOSS = 1e-5;

    /// The norm of a gradient in fp32, relative, where the parts of it nearly cancel.
    static final double NORM = 1e-4;

    /// One log-probability of a tiny model whose merged weights are rounded to bf16.
    static final double ROUNDED_LOGPROB = 0.1;

    /// The mean difference of log-probabilities of a real model, the server's bf16 against fp32.
    static final double MEAN_LOGPROB = 0.02;

    /// What a policy that draws may differ from the one that learns, as a divergence.
    static final double KL = 1e-3;

    /// How long a heartbeat may take while thousands of samples are under way, the 99th of 100.
    static final double HEARTBEAT_MILLIS = 250;

    private Tolerances() {}

    static boolean isOneLogprob(double apart) {
        return apart < LOGPROB;
    }
}
