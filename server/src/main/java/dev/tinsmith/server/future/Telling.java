package dev.tinsmith.server.future;

import dev.tinsmith.engine.Outcome;

/// How an outcome reads to the client that asked for it.
@FunctionalInterface
public interface Telling {
    /// What the client is told.
    ///
    /// @param outcome never an [Outcome.Failed]
    Answer answer(Outcome outcome);
}
