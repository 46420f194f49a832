package dev.tinsmith.server.queue;

import dev.tinsmith.server.future.FutureId;

/// The line of one run's work. Work is done in the order of its numbers, whatever order it arrives
/// in, each number once. Number 0 makes the run; a client counts from 1.
public interface Lane {

    /// Puts `job` in line under `sequence`, or returns what was promised when the same request came
    /// before.
    ///
    /// @param fingerprint equal for equal requests, and for no others
    /// @throws SequenceReusedException if `sequence` was used for another request, or refused
    /// @throws BusyException if too much waits in this lane already
    FutureId submit(long sequence, String fingerprint, Job job);

    /// Counts `sequence` as seen, since the client counts on after a refusal. A number that is in
    /// line already stays there.
    ///
    /// @param reason what the client was told
    void reject(long sequence, String reason);
}
