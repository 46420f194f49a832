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

    /// What holds the session's copy number `number`, which nobody trains.
    public RunId copy(long number) {
        if (number < 0) {
            throw new IllegalArgumentException(
                    "model_seq_id is %d; it must be 0 or more".formatted(number));
        }
        return new RunId(value + ":copy:" + number);
    }

    /// Whether `run` was made in this visit.
    public boolean isOf(RunId run) {
        return run.value().startsWith(value + ":train:")
                || run.value().startsWith(value + ":copy:");
    }

    @Override
    public String toString() {
        return value;
    }
}
