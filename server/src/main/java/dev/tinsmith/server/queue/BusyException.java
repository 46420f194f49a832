package dev.tinsmith.server.queue;

/// There is too much in line already; the same request may be sent again after a while.
public final class BusyException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String reason;

    BusyException(String reason) {
        super(reason);
        this.reason = reason;
    }

    /// One sentence, fit for the client.
    public String reason() {
        return reason;
    }
}
