package dev.tinsmith.server.session;

import dev.tinsmith.engine.graph.LossGraph;
import dev.tinsmith.server.run.SessionId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The losses that clients uploaded. Any thread may ask.
///
/// A loss belongs to the session it was created in: only the runs of that session see it, and it is
/// gone when the session's leavings are closed.
public final class UploadedLosses {
    /// How many losses a session may keep.
    static final int MAX = 64;

    private final SessionTable table;

    /// Guarded by this.
    private final Map<SessionId, Map<LossId, Kept>> losses = new HashMap<>();

    public UploadedLosses(SessionTable table) {
        this.table = table;
    }

    /// The uploads of an earlier life of the server, to be [kept][#keep] again.
    public List<SessionTable.Loss> earlier() {
        return table.losses();
    }

    private record Kept(String fingerprint, LossGraph graph) {}

    /// Keeps the session's loss number `number`, or returns the one that the same request kept.
    ///
    /// @param upload the request, which outlives a restart
    /// @param fingerprint equal for equal requests, and for no others
    /// @throws IllegalArgumentException if another loss has that number, or there are too many
    public synchronized LossId keep(
            SessionTable.Loss upload, long number, String fingerprint, LossGraph graph) {
        SessionId session = upload.session();
        LossId id = LossId.of(session, number);
        Map<LossId, Kept> own = losses.computeIfAbsent(session, _ -> new HashMap<>());
        Optional<Kept> known = Optional.ofNullable(own.get(id));
        if (known.filter(kept -> !kept.fingerprint().equals(fingerprint)).isPresent()) {
            throw new IllegalArgumentException(
                    "custom_loss_seq_id is %d, which another loss of this session has; count on"
                            .formatted(number));
        }
        if (known.isEmpty() && own.size() >= MAX) {
            throw new IllegalArgumentException(
                    "this session has %d losses already, which is as many as it may keep; use one of them, or begin a new session"
                            .formatted(MAX));
        }
        table.keep(upload, number);
        own.put(id, new Kept(fingerprint, graph));
        return id;
    }

    /// The loss of this name, if the session has it.
    public synchronized Optional<LossGraph> find(SessionId session, LossId id) {
        return Optional.ofNullable(losses.get(session))
                .flatMap(own -> Optional.ofNullable(own.get(id)))
                .map(Kept::graph);
    }

    /// Forgets the losses of a session that is over; passes under way have theirs.
    public synchronized void closeAll(SessionId session) {
        losses.remove(session);
        table.forgetLosses(session);
    }
}
