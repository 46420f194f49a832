package dev.tinsmith.server.http;

/// The port cannot be opened.
public final class PortException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String reason;

    PortException(String reason, Throwable cause) {
        super(reason, cause);
        this.reason = reason;
    }

    /// One sentence, fit for the operator.
    public String reason() {
        return reason;
    }
}
