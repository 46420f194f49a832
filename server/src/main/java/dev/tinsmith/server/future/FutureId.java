package dev.tinsmith.server.future;

import dev.tinsmith.engine.RunId;

/// Names a promise. Made from what the client itself calls the request, so that a request that
/// comes twice has one name.
public record FutureId(String value) {
    public FutureId {
        if (value.isBlank()) {
            throw new IllegalArgumentException("a future has a name");
        }
    }

    /// The promise of `run`'s work number `sequence`; number 0 makes the run.
    public static FutureId of(RunId run, long sequence) {
        return new FutureId(run.value() + ":" + sequence);
    }

    @Override
    public String toString() {
        return value;
    }
}
