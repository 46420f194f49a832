package dev.tinsmith.server.http;

/// Answers one kind of request. Runs on a virtual thread and blocks as long as it must.
@FunctionalInterface
public interface Handler {

    /// The reply to `request`. Refuses by throwing.
    Reply handle(Request request);
}
