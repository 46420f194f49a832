package dev.tinsmith.server.session;

import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.run.SessionId;
import dev.tinsmith.server.session.SessionFacts.Ending;
import java.time.Instant;
import java.util.Optional;

/// One visit. Guarded by [Sessions].
final class Session {
    private final SessionId id;
    private final Owner owner;
    private final Optional<String> key;
    private final Instant created;
    private final NewSession told;
    private Instant lastSign;
    private Optional<Ending> ending = Optional.empty();
    private boolean closed;

    Session(SessionId id, Owner owner, Optional<String> key, NewSession told, Instant now) {
        this.id = id;
        this.owner = owner;
        this.key = key;
        this.told = told;
        this.created = now;
        this.lastSign = now;
    }

    /// One of an earlier life of the server.
    static Session again(SessionTable.Row row, Instant now) {
        SessionFacts facts = row.facts();
        Session session =
                new Session(facts.id(), facts.owner(), row.key(), facts.told(), facts.created());
        session.lastSign = now;
        session.ending = facts.ending();
        return session;
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
    ///
    /// @return whether this was the first
    boolean end(Ending end) {
        boolean first = ending.isEmpty();
        if (first) {
            ending = Optional.of(end);
        }
        return first;
    }

    SessionFacts facts() {
        return new SessionFacts(id, owner, created, told, ending);
    }

    boolean isClosed() {
        return closed;
    }

    /// Whether this was the first time.
    boolean close() {
        boolean first = !closed;
        closed = true;
        return first;
    }
}
