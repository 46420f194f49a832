package dev.tinsmith.server.session;

import dev.tinsmith.server.run.SessionId;

/// The name of a loss that a client uploaded.
public record LossId(String value) {

    /// The session's loss number `number`.
    static LossId of(SessionId session, long number) {
        if (number < 0) {
            throw new IllegalArgumentException(
                    "custom_loss_seq_id is %d; it must be at least 0".formatted(number));
        }
        return new LossId(session + ":loss:" + number);
    }

    @Override
    public String toString() {
        return value;
    }
}
