package dev.tinsmith.server.run;

import dev.tinsmith.engine.RunId;

/// The name of a client's visit, from which the names of all it makes are derived, as clients do it
/// themselves.
public record SessionId(String value) {
    public SessionId {
        if (value.isBlank() || value.contains("/")) {
            throw new IllegalArgumentException(
                    "session_id is '%s'; it must be one that create_session gave".formatted(value));
        }
    }

    /// The name of the session's run number `number`, counted from 0.
    public RunId run(long number) {
        return new RunId(value + ":train:" + number);
    }

    /// Whether `run` was made in this visit.
    public boolean isOf(RunId run) {
        return run.value().startsWith(value + ":train:");
    }

    @Override
    public String toString() {
        return value;
    }
}
