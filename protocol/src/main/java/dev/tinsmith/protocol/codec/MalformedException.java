package dev.tinsmith.protocol.codec;

/// A body that is not what it should be. Its reason names the field, what it is and what it must
/// be.
public final class MalformedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String reason;

    public MalformedException(String reason) {
        super(reason);
        this.reason = reason;
    }

    /// One sentence, fit for the client.
    public String reason() {
        return reason;
    }
}
