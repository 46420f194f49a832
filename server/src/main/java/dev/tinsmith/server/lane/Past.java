package dev.tinsmith.server.lane;

import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.server.future.Archive;
import dev.tinsmith.server.future.FutureState;
import dev.tinsmith.server.journal.Entry;
import dev.tinsmith.server.journal.Span;
import dev.tinsmith.server.journal.Verb;
import dev.tinsmith.server.queue.Job;
import dev.tinsmith.server.queue.Letter;
import dev.tinsmith.server.snapshot.Snapshot;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;

/// What an earlier life of the server left of a run: how far its snapshot goes, and what clients
/// were told. Any thread may ask.
final class Past {
    /// How that ended which is not in the snapshot.
    private final Map<Long, Archive.Kept> told = new ConcurrentHashMap<>();

    private final Set<Long> toldLongAgo = ConcurrentHashMap.newKeySet();
    private volatile long from;

    /// Goes on from the run's newest snapshot. It is read whole if there is work to be done on it
    /// at once; otherwise it is when there is.
    Optional<Snapshot> begin(RunId run, Commons commons) {
        Optional<Span> asked = commons.journal().span(run.value());
        Optional<Snapshot> newest = commons.snapshots().newest(run);
        while (newest.isPresent()
                && asked.isPresent()
                && asked.get().last() >= newest.get().next()
                && !commons.snapshots().isWhole(newest.get())) {
            newest = commons.snapshots().newest(run);
        }
        from = newest.map(Snapshot::next).orElse(0L);
        return newest;
    }

    /// Begins behind all that was asked, since none of it can be done again.
    void giveUp(Span asked) {
        from = asked.last() + 1;
    }

    /// Learns what clients were told.
    ///
    /// @return the fingerprints of what is in the snapshot
    SortedMap<Long, String> read(RunId run, Archive archive) {
        archive.ofLine(run.value(), from).forEach(kept -> told.put(kept.sequence(), kept));
        SortedMap<Long, String> prints = archive.prints(run.value(), from - Slots.MEMORY, from);
        toldLongAgo.addAll(prints.keySet());
        return prints;
    }

    /// The first number that is not in the snapshot.
    long from() {
        return from;
    }

    /// Whether a request is to be submitted again: its work is not in the snapshot, or it is and
    /// the client was not told of it, which befalls what was loaded.
    boolean wants(Entry entry) {
        return entry.sequence() >= from
                || (entry.verb() == Verb.LOAD && !toldLongAgo.contains(entry.sequence()));
    }

    boolean wasTold(long sequence) {
        return told.containsKey(sequence);
    }

    /// Why it failed; empty if it did not.
    Optional<String> failure(long sequence) {
        return end(sequence)
                .filter(FutureState.Failed.class::isInstance)
                .map(end -> ((FutureState.Failed) end).reason());
    }

    /// What is left to do of it: nothing, if the client was told of it and the run is as it was
    /// before.
    ///
    /// @param unmade why the run is not there
    Job whatIsLeft(Ready next, Optional<String> unmade) {
        if (next.sequence().isEmpty()) {
            return next.job();
        }
        long sequence = next.sequence().get();
        boolean idle = failure(sequence).isPresent() || !next.job().changesRun();
        return wasTold(sequence) && idle
                ? Job.done(new Outcome.Done())
                : unmade.map(Job::refusing).orElse(next.job());
    }

    /// How what comes of it now differs from what was told, which stands; empty if it does not.
    Optional<String> difference(Slot.Taken slot, long sequence, Outcome outcome) {
        Optional<FutureState.Settled> then =
                end(sequence).filter(FutureState.Told.class::isInstance);
        if (then.isEmpty() || !slot.job().changesRun()) {
            return Optional.empty();
        }
        Optional<FutureState.Settled> now =
                FutureState.Settled.told(outcome, slot.job().letter().map(Letter::telling));
        return now.filter(found -> !found.equals(then.get()))
                .map(found -> "was told %s, and is now %s".formatted(then.get(), found));
    }

    private Optional<FutureState.Settled> end(long sequence) {
        return Optional.ofNullable(told.get(sequence)).flatMap(Archive.Kept::end);
    }
}
