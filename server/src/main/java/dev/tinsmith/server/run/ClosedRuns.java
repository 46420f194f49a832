package dev.tinsmith.server.run;

import dev.tinsmith.engine.RunId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// What is remembered of runs that were closed since this server started; the oldest are forgotten.
final class ClosedRuns {
    private static final int MOST = 10_000;

    private final SequencedMap<RunId, RunFacts> facts = new LinkedHashMap<>();

    synchronized void add(RunFacts closed) {
        facts.put(closed.id(), closed);
        if (facts.size() > MOST) {
            facts.pollFirstEntry();
        }
    }

    synchronized Optional<RunFacts> find(RunId id) {
        return Optional.ofNullable(facts.get(id));
    }

    synchronized List<RunFacts> all() {
        return List.copyOf(facts.values());
    }
}
