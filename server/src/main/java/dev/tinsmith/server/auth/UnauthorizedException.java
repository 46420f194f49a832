package dev.tinsmith.server.auth;

/// No key, or one that this server does not know.
public final class UnauthorizedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String reason;
    private final boolean token;

    UnauthorizedException(String reason) {
        this(reason, false);
    }

    private UnauthorizedException(String reason, boolean token) {
        super(reason);
        this.reason = reason;
        this.token = token;
    }

    /// It was a token, and another one would be let in.
    static UnauthorizedException token(String reason) {
        return new UnauthorizedException(reason, true);
    }

    /// One sentence, fit for the client.
    public String reason() {
        return reason;
    }

    /// Whether a fresh token is all that is missing.
    public boolean isToken() {
        return token;
    }
}
