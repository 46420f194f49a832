package dev.tinsmith.server.http;

import dev.tinsmith.protocol.ErrorBody;

/// A request that is answered with an error. Nothing but its reason reaches the client.
public final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;
    private final String reason;

    public Refusal(int status, String reason) {
        super(reason);
        this.status = status;
        this.reason = reason;
    }

    /// The request cannot be done as it stands.
    public static Refusal bad(String reason) {
        return new Refusal(400, reason);
    }

    /// What it names is not there, or not the caller's.
    public static Refusal missing(String reason) {
        return new Refusal(404, reason);
    }

    /// The HTTP status.
    public int status() {
        return status;
    }

    /// One sentence, fit for the client.
    public String reason() {
        return reason;
    }

    /// As the client reads it.
    public Reply reply() {
        return Reply.json(status, new ErrorBody(reason));
    }
}
