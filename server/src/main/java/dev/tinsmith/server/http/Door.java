package dev.tinsmith.server.http;

import java.util.Optional;

/// The one way out for what goes wrong.
@FunctionalInterface
public interface Door {

    /// What the client is told about `failure`; empty if nobody expected it.
    Optional<Refusal> explain(RuntimeException failure);
}
