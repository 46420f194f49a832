package dev.tinsmith.server.session;

/// A visit that has ended; it does not come back.
public final class SessionOverException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String reason;

    SessionOverException(String reason) {
        super(reason);
        this.reason = reason;
    }

    /// One sentence, fit for the client.
    public String reason() {
        return reason;
    }
}
