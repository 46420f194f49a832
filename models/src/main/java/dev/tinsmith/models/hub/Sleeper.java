package dev.tinsmith.models.hub;

import java.time.Duration;

/// Waits, so that tests need not.
@FunctionalInterface
public interface Sleeper {
    /// Really waits.
    Sleeper REAL = Thread::sleep;

    /// Returns after `time`.
    void sleep(Duration time) throws InterruptedException;
}
