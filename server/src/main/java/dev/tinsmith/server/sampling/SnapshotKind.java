package dev.tinsmith.server.sampling;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// What becomes of a run's unnamed samplers when it publishes weights again.
public enum SnapshotKind {
    /// They keep the weights they were made with.
    SNAPSHOT,
    /// They all draw from the newest weights published in this way.
    INFLIGHT;

    /// The kind that a client calls `word`, if any.
    public static Optional<SnapshotKind> of(String word) {
        return Arrays.stream(values()).filter(kind -> kind.word().equals(word)).findFirst();
    }

    /// What clients call it.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
