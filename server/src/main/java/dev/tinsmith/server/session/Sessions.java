package dev.tinsmith.server.session;

import dev.tinsmith.server.future.MissingException;
import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.run.SessionId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/// The visits of clients. Any thread may ask.
///
/// A visit ends when its client says so, or when nothing was heard of it for the timeout and then
/// the grace; until then one sign of life is enough to go on. What it left open is closed a grace
/// after it was last heard of, or finished.
public final class Sessions {
    /// How long an ended visit is remembered, so that its client is told that it ended.
    private static final Duration MEMORY = Duration.ofHours(24);

    private final InstantSource clock;
    private final Duration timeout;
    private final Duration grace;
    private final List<Consumer<SessionId>> closers;

    private final Map<SessionId, Session> sessions = new HashMap<>();
    private final Map<String, SessionId> byKey = new HashMap<>();

    /// @param timeout how long a client may be silent
    /// @param grace how much longer what it made is kept
    /// @param closers told once of each visit whose leavings are to be closed
    public Sessions(
            InstantSource clock,
            Duration timeout,
            Duration grace,
            List<Consumer<SessionId>> closers) {
        this.clock = clock;
        this.timeout = timeout;
        this.grace = grace;
        this.closers = List.copyOf(closers);
    }

    /// Begins a visit, or returns the one that the same request began.
    ///
    /// @param idempotencyKey equal for all attempts at one request
    public synchronized SessionId create(Owner owner, Optional<String> idempotencyKey) {
        Optional<String> key = idempotencyKey.map(given -> owner + "/" + given);
        return key.flatMap(known -> Optional.ofNullable(byKey.get(known)))
                .orElseGet(() -> begin(owner, key));
    }

    private SessionId begin(Owner owner, Optional<String> key) {
        SessionId id = new SessionId(UUID.randomUUID().toString());
        sessions.put(id, new Session(id, owner, key, clock.instant()));
        key.ifPresent(known -> byKey.put(known, id));
        return id;
    }

    /// Takes any request in a visit for a sign of life.
    ///
    /// @throws MissingException if the caller has no such visit
    /// @throws SessionOverException if it is over
    public synchronized void alive(Owner owner, SessionId id) {
        Session session = find(owner, id);
        Instant now = clock.instant();
        expire(session, now);
        session.ending()
                .ifPresent(end -> {
                    throw new SessionOverException(
                            "session '%s' is over: %s; begin a new one".formatted(id, end.why()));
                });
        session.sign(now);
    }

    /// Ends a visit; only the first end counts.
    ///
    /// @param reason the client's own word for how it went
    /// @throws MissingException if the caller has no such visit
    public synchronized void finish(Owner owner, SessionId id, String reason) {
        find(owner, id)
                .end(
                        new Session.Ending(
                                clock.instant(),
                                "its client finished it as '%s'".formatted(reason)));
    }

    /// Ends what fell silent and closes what ended visits left; to be called now and then.
    public void sweep() {
        for (SessionId over : toClose(clock.instant())) {
            closers.forEach(closer -> closer.accept(over));
        }
    }

    private synchronized List<SessionId> toClose(Instant now) {
        List<SessionId> over = new ArrayList<>();
        for (Session session : List.copyOf(sessions.values())) {
            expire(session, now);
            if (session.ending().filter(end -> isPast(end.at(), grace, now)).isPresent()
                    && session.close()) {
                over.add(session.id());
            }
            if (session.ending().filter(end -> isPast(end.at(), MEMORY, now)).isPresent()) {
                sessions.remove(session.id());
                session.key().ifPresent(byKey::remove);
            }
        }
        return over;
    }

    /// A silent visit counts as over since the timeout, so that its grace has passed by then.
    private void expire(Session session, Instant now) {
        if (isPast(session.lastSign(), timeout.plus(grace), now)) {
            session.end(
                    new Session.Ending(
                            session.lastSign().plus(timeout),
                            "nothing was heard of it for %d minutes"
                                    .formatted(timeout.plus(grace).toMinutes())));
        }
    }

    private Session find(Owner owner, SessionId id) {
        return Optional.ofNullable(sessions.get(id))
                .filter(session -> session.owner().equals(owner))
                .orElseThrow(() -> new MissingException("there is no session '%s'".formatted(id)));
    }

    private static boolean isPast(Instant since, Duration time, Instant now) {
        return !since.plus(time).isAfter(now);
    }
}
