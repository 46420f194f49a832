package dev.tinsmith.server.http;

import dev.tinsmith.protocol.ErrorBody;
import java.util.Map;
import java.util.TreeMap;

/// A request that is answered with an error. Nothing but its reason reaches the client.
public final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;
    private final String reason;
    private final TreeMap<String, String> headers = new TreeMap<>();

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

    /// The same refusal, with one more header.
    public Refusal with(String header, String value) {
        Refusal more = new Refusal(status, reason);
        more.headers.putAll(headers);
        more.headers.put(header, value);
        return more;
    }

    /// As the client reads it.
    public Reply reply() {
        Reply reply = Reply.json(status, new ErrorBody(reason));
        for (Map.Entry<String, String> header : headers.entrySet()) {
            reply = reply.with(header.getKey(), header.getValue());
        }
        return reply;
    }
}
