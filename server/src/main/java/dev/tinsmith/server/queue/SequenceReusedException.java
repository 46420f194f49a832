package dev.tinsmith.server.queue;

/// A number in a run's line that something else was sent under before.
public final class SequenceReusedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String reason;

    public SequenceReusedException(String reason) {
        super(reason);
        this.reason = reason;
    }

    /// One sentence, fit for the client.
    public String reason() {
        return reason;
    }
}
