package dev.tinsmith.server.http;

import java.util.Optional;

/// What a client asks, as handlers see it.
public interface Request {

    /// `GET`, `POST`, …
    String method();

    /// The path as it was asked for, decoded, without the query.
    String path();

    /// The part of the path that the route calls `name`.
    String part(String name);

    /// A value of the query.
    Optional<String> query(String name);

    /// A header, whatever the case of its name.
    Optional<String> header(String name);

    /// `http://host:port` as the client wrote it, or as the proxy in front of us says it did.
    String origin();

    /// The body, unpacked; read once.
    ///
    /// @throws Refusal if it is larger than this server takes, or packed in a way it cannot unpack
    byte[] body();
}
