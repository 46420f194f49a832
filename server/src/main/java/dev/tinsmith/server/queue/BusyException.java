package dev.tinsmith.server.queue;

import java.time.Duration;

/// There is too much in line already; the same request may be sent again after a while.
public final class BusyException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String reason;
    private final Duration wait;

    /// Why, and for how long.
    ///
    /// @param wait how long it will be until there is room, as far as that can be told
    public BusyException(String reason, Duration wait) {
        super(reason);
        this.reason = reason;
        this.wait = wait;
    }

    /// When to come back, to the second: 1 to 30.
    public long seconds() {
        return Math.clamp(wait.plusMillis(999).toSeconds(), 1, 30);
    }

    /// One sentence, fit for the client.
    public String reason() {
        return reason;
    }
}
