package dev.tinsmith.server.auth;

/// No key, or one that this server does not know.
public final class UnauthorizedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String reason;

    UnauthorizedException(String reason) {
        super(reason);
        this.reason = reason;
    }

    /// One sentence, fit for the client.
    public String reason() {
        return reason;
    }
}
