package dev.tinsmith.server.future;

/// What was named is not there, or is not the caller's; the sentence never says which.
public final class MissingException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String reason;

    public MissingException(String reason) {
        super(reason);
        this.reason = reason;
    }

    /// One sentence, fit for the client.
    public String reason() {
        return reason;
    }
}
