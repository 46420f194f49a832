package dev.tinsmith.engine;

/// Work that cannot be done, with a sentence fit for the caller.
public final class EngineException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Fault fault;
    private final String reason;

    public EngineException(Fault fault, String reason) {
        super(reason);
        this.fault = fault;
        this.reason = reason;
    }

    public Fault fault() {
        return fault;
    }

    /// What was asked, what is allowed, what to do.
    public String reason() {
        return reason;
    }
}
