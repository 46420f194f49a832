package dev.tinsmith.conformance.client;

/// How far apart two ways of computing one thing may be.
final class Tolerances {
    /// One log-probability of a tiny model, in fp32, computed in another company or order.
    static final double LOGPROB = 1e-4;

    /// A loss in fp32, relative: sums of other parts.
    static final double LOSS = 1e-5;

    private Tolerances() {}
}
