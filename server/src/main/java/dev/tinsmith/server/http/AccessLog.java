package dev.tinsmith.server.http;

import java.time.Duration;

/// Hears of every request that was answered.
@FunctionalInterface
public interface AccessLog {

    /// One more.
    ///
    /// @param path without the query, which may hold secrets
    /// @param client what the client calls itself, `-` if it does not say
    void answered(String method, String path, int status, Duration took, String client);
}
