package dev.tinsmith.models.hub;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/// An answer that says to come back later.
final class Busy extends IOException {
    private static final long serialVersionUID = 1;

    private final int status;
    private final transient Optional<Duration> pause;

    Busy(int status, Optional<Duration> pause) {
        super("status " + status);
        this.status = status;
        this.pause = pause;
    }

    int status() {
        return status;
    }

    /// How long the Hub asks us to wait.
    Optional<Duration> pause() {
        return pause;
    }
}
