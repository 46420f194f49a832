package dev.tinsmith.server.metering;

import java.time.Instant;

/// One thing the engine did for somebody.
///
/// @param asked when it was put in line
/// @param begun when its turn came
/// @param ended when it was done, or had failed
/// @param read how many tokens went in; for a sample, those of its prompt, once
/// @param cached how many of those had been computed before, or were for others
/// @param written how many tokens came out
public record Operation(
        Subject subject,
        Kind kind,
        Instant asked,
        Instant begun,
        Instant ended,
        long read,
        long cached,
        long written,
        boolean failed) {

    /// What it was.
    public enum Kind {
        /// A run was made.
        OPEN,
        /// Log-probabilities and a loss were computed.
        FORWARD,
        /// The same, and gradients.
        FORWARD_BACKWARD,
        /// The optimizer took a step.
        OPTIM_STEP,
        /// A run was saved, under a name or without.
        SAVE,
        /// A run was taken from a checkpoint.
        LOAD,
        /// A run was forgotten.
        CLOSE,
        /// A prompt was read, and continued.
        SAMPLE
    }
}
