package dev.tinsmith.server.session;

import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.run.SessionId;
import java.time.Instant;
import java.util.Optional;

/// One visit. Guarded by [Sessions].
final class Session {
    private final SessionId id;
    private final Owner owner;
    private final Optional<String> key;
    private Instant lastSign;
    private Optional<Ending> ending = Optional.empty();
    private boolean closed;

    Session(SessionId id, Owner owner, Optional<String> key, Instant now) {
        this.id = id;
        this.owner = owner;
        this.key = key;
        this.lastSign = now;
    }

    SessionId id() {
        return id;
    }

    Owner owner() {
        return owner;
    }

    Optional<String> key() {
        return key;
    }

    Instant lastSign() {
        return lastSign;
    }

    void sign(Instant now) {
        lastSign = now;
    }

    Optional<Ending> ending() {
        return ending;
    }

    /// Only the first end counts.
    void end(Ending first) {
        if (ending.isEmpty()) {
            ending = Optional.of(first);
        }
    }

    /// Whether this was the first time.
    boolean close() {
        boolean first = !closed;
        closed = true;
        return first;
    }

    /// That a visit is over.
    ///
    /// @param why as the client is told
    record Ending(Instant at, String why) {}
}
