package dev.tinsmith.server.lane;

import dev.tinsmith.server.journal.Journal.Ticket;
import dev.tinsmith.server.queue.Job;

/// What became of one number in a run's line.
sealed interface Slot {

    /// A job came under it.
    ///
    /// @param asked holds on until its request is on the disk
    record Taken(String fingerprint, Job job, Ticket asked) implements Slot {}

    /// The job was handed on; only what a repeated request needs is left.
    record Passed(String fingerprint) implements Slot {}

    /// The request under it was refused.
    record Refused(String reason) implements Slot {}
}
