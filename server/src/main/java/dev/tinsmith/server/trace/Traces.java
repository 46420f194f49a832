package dev.tinsmith.server.trace;

import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.metering.Operation;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// The latest operations of each session, in memory. Any thread may ask.
public final class Traces {
    /// How many operations of one session are kept; the oldest are forgotten first.
    static final int MOST_OF_ONE = 10_000;

    /// How many are kept in all, some 20 MB; the session that has been still for longest goes
    /// first.
    static final int MOST = 100_000;

    /// By session, the one that was active last at the end; guarded by this.
    private final SequencedMap<String, Deque<Operation>> sessions = new LinkedHashMap<>();

    private int kept;

    /// Keeps an operation.
    public synchronized void keep(Operation done) {
        String session = done.subject().session();
        Deque<Operation> trace =
                Optional.ofNullable(sessions.remove(session)).orElseGet(ArrayDeque::new);
        sessions.putLast(session, trace);
        trace.addLast(done);
        kept++;
        if (trace.size() > MOST_OF_ONE) {
            trace.removeFirst();
            kept--;
        }
        while (kept > MOST) {
            kept -= sessions.pollFirstEntry().getValue().size();
        }
    }

    /// What is kept of the caller's session, in the order in which it ended.
    public synchronized List<Operation> of(Owner owner, String session) {
        return Optional.ofNullable(sessions.get(session)).stream()
                .flatMap(Deque::stream)
                .filter(done -> done.subject().owner().equals(owner))
                .toList();
    }
}
