package dev.tinsmith.server.sampling;

import dev.tinsmith.server.future.FutureId;
import dev.tinsmith.server.run.SessionId;

/// The name of a sampling session, which clients derive from the session's as we do.
public record SamplerId(String value) {
    public SamplerId {
        if (value.isBlank() || value.contains("/")) {
            throw new IllegalArgumentException(
                    "sampling_session_id is '%s'; it must be one that create_sampling_session gave"
                            .formatted(value));
        }
    }

    /// The session's sampler number `number`.
    static SamplerId of(SessionId session, long number) {
        if (number < 0) {
            throw new IllegalArgumentException(
                    "sampling_session_seq_id is %d; it must be at least 0".formatted(number));
        }
        return new SamplerId(session + ":sample:" + number);
    }

    /// The promise of its sample number `sequence`.
    FutureId sample(long sequence) {
        return new FutureId(value + ":" + sequence);
    }

    @Override
    public String toString() {
        return value;
    }
}
