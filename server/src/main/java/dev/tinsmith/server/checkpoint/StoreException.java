package dev.tinsmith.server.checkpoint;

/// A store that cannot do its work: its disk is full, or somebody else uses it.
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String reason;

    StoreException(String reason) {
        super(reason);
        this.reason = reason;
    }

    StoreException(String reason, Throwable cause) {
        super(reason, cause);
        this.reason = reason;
    }

    /// One sentence, fit for the operator.
    public String reason() {
        return reason;
    }
}
