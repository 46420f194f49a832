package dev.tinsmith.server.metering;

import java.time.Instant;

/// An operation that is not over. Handed from the thread that asks to the engine's.
public final class Watched {
    private final Watch watch;
    private final Subject subject;
    private final Instant asked;
    private Instant begun;

    Watched(Watch watch, Subject subject, Instant asked) {
        this.watch = watch;
        this.subject = subject;
        this.asked = asked;
        this.begun = asked;
    }

    /// Its turn has come.
    public void begin() {
        begun = watch.now();
    }

    /// It is over; to be called once.
    ///
    /// @param read how many tokens went in, and `cached` how many of them from a cache
    public void end(Operation.Kind kind, long read, long cached, long written, boolean failed) {
        watch.tell(
                new Operation(
                        subject, kind, asked, begun, watch.now(), read, cached, written, failed));
    }
}
