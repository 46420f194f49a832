package dev.tinsmith.server.metering;

/// What is counted.
public enum Use {
    /// Tokens that went through a pass that leaves gradients.
    TRAINING,
    /// Tokens that were read and no more: prompts, once each, and passes without gradients.
    PREFILL,
    /// Tokens of prompts that had been computed before, or were for somebody else's.
    CACHED_PREFILL,
    /// Tokens that were generated.
    SAMPLED,
    /// Checkpoints that were made.
    CHECKPOINTS,
    /// Gigabytes (10⁹ bytes) for so many hours.
    STORAGE
}
