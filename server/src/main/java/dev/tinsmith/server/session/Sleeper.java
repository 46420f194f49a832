package dev.tinsmith.server.session;

import java.time.Duration;

/// Lets time pass.
@FunctionalInterface
public interface Sleeper {

    /// Returns after `time`.
    void sleep(Duration time) throws InterruptedException;

    /// In real time.
    static Sleeper real() {
        return Thread::sleep;
    }
}
