package dev.tinsmith.protocol.rest;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/// Who did what, and when.
public final class Audit {
    private Audit() {}

    /// The entries of one day, in the order of their times.
    public record Log(List<Entry> entries) {}

    /// One thing that somebody did.
    ///
    /// @param event `<resource>_<action>`
    /// @param purpose what a checkpoint was read for
    public record Entry(
            Instant timestamp,
            String event,
            SortedMap<String, String> eventDetails,
            Optional<String> modelId,
            Optional<String> tinkerPath,
            Optional<String> purpose) {}
}
