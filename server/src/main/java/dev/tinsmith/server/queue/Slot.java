package dev.tinsmith.server.queue;

/// What became of one number in a run's line.
sealed interface Slot {

    /// A job came under it.
    record Taken(String fingerprint, Job job) implements Slot {}

    /// The job was handed on; only what a repeated request needs is left.
    record Passed(String fingerprint) implements Slot {}

    /// The request under it was refused.
    record Refused(String reason) implements Slot {}
}
