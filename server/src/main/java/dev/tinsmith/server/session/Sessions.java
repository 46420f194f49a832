package dev.tinsmith.server.session;

import dev.tinsmith.server.future.MissingException;
import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.run.SessionId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/// The visits of clients. Any thread may ask.
///
/// A visit ends when its client says so, or when nothing was heard of it for the timeout and then
/// the grace; until then one sign of life is enough to go on. What it left open is closed a grace
/// after it was last heard of, or finished.
public final class Sessions {
    /// How long an ended visit is remembered: as long as anybody may ask what it used.
    private static final Duration MEMORY = Duration.ofDays(15);

    /// How many ended visits are remembered; the oldest are forgotten first.
    private static final int MOST = 10_000;

    private static final Comparator<SessionFacts> NEWEST_FIRST =
            Comparator.comparing(SessionFacts::created)
                    .thenComparing(facts -> facts.id().value())
                    .reversed();

    private final SessionTable table;
    private final InstantSource clock;
    private final Duration timeout;
    private final Duration grace;
    private final List<Consumer<SessionId>> closers;

    private final List<Consumer<SessionFacts>> listeners = new CopyOnWriteArrayList<>();
    private final Map<SessionId, Session> sessions = new LinkedHashMap<>();
    private final Map<String, SessionId> byKey = new HashMap<>();

    /// Remembers the visits of earlier lives of the server. Those that were open then have just
    /// given a sign of life: nobody could be heard meanwhile.
    ///
    /// @param timeout how long a client may be silent
    /// @param grace how much longer what it made is kept
    /// @param closers told once of each visit whose leavings are to be closed
    public Sessions(
            SessionTable table,
            InstantSource clock,
            Duration timeout,
            Duration grace,
            List<Consumer<SessionId>> closers) {
        this.clock = clock;
        this.timeout = timeout;
        this.grace = grace;
        this.closers = List.copyOf(closers);
        this.table = table;
        table.all().forEach(row -> remember(Session.again(row, clock.instant())));
    }

    private void remember(Session session) {
        sessions.put(session.id(), session);
        session.key().ifPresent(known -> byKey.put(known, session.id()));
    }

    /// Begins a visit, or returns the one that the same request began.
    ///
    /// @param idempotencyKey equal for all attempts at one request
    public synchronized SessionId create(
            Owner owner, Optional<String> idempotencyKey, NewSession told) {
        Optional<String> key = idempotencyKey.map(given -> owner + "/" + given);
        return key.flatMap(known -> Optional.ofNullable(byKey.get(known)))
                .orElseGet(() -> begin(owner, key, told));
    }

    private SessionId begin(Owner owner, Optional<String> key, NewSession told) {
        SessionId id = new SessionId(UUID.randomUUID().toString());
        Session session = new Session(id, owner, key, told, now());
        table.add(session.facts(), key);
        remember(session);
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
    /// @throws MissingException if the caller has no such visit
    public synchronized void finish(Owner owner, SessionId id, SessionFacts.Finish finish) {
        end(
                find(owner, id),
                new SessionFacts.Ending(
                        now(),
                        "its client finished it as '%s'".formatted(finish.reason()),
                        Optional.of(finish)));
    }

    private void end(Session session, SessionFacts.Ending ending) {
        if (session.end(ending)) {
            table.end(session.id(), ending);
            listeners.forEach(listener -> listener.accept(session.facts()));
        }
    }

    /// Calls `listener` with each visit that ends from now on; it must be quick.
    public void whenOver(Consumer<SessionFacts> listener) {
        listeners.add(listener);
    }

    /// What is known of the caller's visit, even if it is over.
    ///
    /// @throws MissingException if the caller has no such visit
    public synchronized SessionFacts facts(Owner owner, SessionId id) {
        Session session = find(owner, id);
        expire(session, clock.instant());
        return session.facts();
    }

    /// The caller's visits, newest first.
    public synchronized List<SessionFacts> list(Owner owner) {
        Instant now = clock.instant();
        return sessions.values().stream()
                .filter(session -> session.owner().equals(owner))
                .map(session -> {
                    expire(session, now);
                    return session.facts();
                })
                .sorted(NEWEST_FIRST)
                .toList();
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
                forget(session);
            }
        }
        sessions.values().stream()
                .filter(session -> session.ending().isPresent() && session.isClosed())
                .limit(Math.max(0, sessions.size() - MOST))
                .toList()
                .forEach(this::forget);
        return over;
    }

    private void forget(Session session) {
        table.forget(session.id());
        sessions.remove(session.id());
        session.key().ifPresent(byKey::remove);
    }

    /// A silent visit counts as over since the timeout, so that its grace has passed by then.
    private void expire(Session session, Instant now) {
        if (isPast(session.lastSign(), timeout.plus(grace), now)) {
            end(
                    session,
                    new SessionFacts.Ending(
                            session.lastSign().plus(timeout),
                            "nothing was heard of it for %d minutes"
                                    .formatted(timeout.plus(grace).toMinutes()),
                            Optional.empty()));
        }
    }

    private Session find(Owner owner, SessionId id) {
        return Optional.ofNullable(sessions.get(id))
                .filter(session -> session.owner().equals(owner))
                .orElseThrow(() -> new MissingException("there is no session '%s'".formatted(id)));
    }

    /// Clients count in millionths of a second.
    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    private static boolean isPast(Instant since, Duration time, Instant now) {
        return !since.plus(time).isAfter(now);
    }
}
