package dev.tinsmith.server.journal;

/// Something on the disk is not what was written there.
public final class DamagedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String reason;

    DamagedException(String reason) {
        super(reason);
        this.reason = reason;
    }

    /// One sentence, fit for the client.
    public String reason() {
        return reason;
    }
}
