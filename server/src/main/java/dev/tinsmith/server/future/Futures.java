package dev.tinsmith.server.future;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;

/// Every promise this server made and has not forgotten. Any thread may ask anything.
///
/// Results live in memory for as long as [Retention] says; a promise that is not settled is never
/// forgotten. Those of earlier lives of the server are in its archive.
public final class Futures {
    private final InstantSource clock;
    private final Retention retention;
    private final Archive archive;
    private final ConcurrentMap<FutureId, Promise> promises = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<FutureId> fetched = new ConcurrentLinkedQueue<>();

    /// What the archive does not know yet that it is to be forgotten.
    private final Set<FutureId> forgotten = ConcurrentHashMap.newKeySet();

    private volatile boolean open = true;

    public Futures(InstantSource clock, Retention retention, Archive archive) {
        this.clock = clock;
        this.retention = retention;
        this.archive = archive;
    }

    /// Promises `id` on `terms`, or does nothing if it was promised before.
    ///
    /// @return whether this was the first time
    public boolean promise(FutureId id, Terms terms) {
        return Optional.ofNullable(promises.putIfAbsent(id, new Promise(terms))).isEmpty();
    }

    /// Whether `id` was promised to anybody, in this life or an earlier one.
    public boolean knows(FutureId id) {
        return promises.containsKey(id) || archive.find(id).isPresent();
    }

    /// Ends a promise and wakes all who wait for it. Only the first end counts.
    public void settle(FutureId id, FutureState.Settled end) {
        find(id).filter(promise -> promise.settle(end, clock.instant()))
                .flatMap(promise -> promise.terms().reader())
                .ifPresent(reader -> reader.announce(id));
    }

    /// How `id` stands, without fetching it.
    ///
    /// @return empty if `owner` was promised nothing by that name, or it was forgotten
    public Optional<FutureState> peek(Owner owner, FutureId id) {
        return owned(owner, id).map(Promise::state).or(() -> archived(owner, id));
    }

    /// Forgets a result that `owner` says has arrived; nothing happens if there is none.
    public void drop(Owner owner, FutureId id) {
        Optional<Promise> known = owned(owner, id);
        if (known.filter(Promise::isSettled).isPresent()) {
            forget(id);
        } else if (known.isEmpty() && archived(owner, id).isPresent()) {
            forgotten.add(id);
        }
    }

    /// Waits up to `patience` for the end of `id`; the thread should be a virtual one.
    ///
    /// @return empty if `owner` was promised nothing by that name, or it was forgotten
    public Optional<FutureState> await(Owner owner, FutureId id, Duration patience) {
        return owned(owner, id)
                .map(promise -> fetch(id, promise, promise.await(open ? patience : Duration.ZERO)))
                .or(() -> archived(owner, id));
    }

    private Optional<FutureState> archived(Owner owner, FutureId id) {
        return archive.find(id)
                .filter(_ -> !forgotten.contains(id))
                .filter(kept -> kept.owner().equals(owner))
                .flatMap(Archive.Kept::end);
    }

    /// Has nobody wait from now on: who does, is told how things stand.
    public void hurry() {
        open = false;
        promises.values().forEach(Promise::wake);
    }

    private FutureState fetch(FutureId id, Promise promise, FutureState state) {
        switch (state) {
            case FutureState.Pending _, FutureState.Waiting _ -> {}
            case FutureState.Settled _ -> {
                if (promise.fetch(clock.instant())) {
                    fetched.add(id);
                }
            }
        }
        return state;
    }

    /// Forgets what [Retention] no longer keeps; to be called now and then.
    public void sweep() {
        promises.forEach((id, promise) -> {
            if (promise.isStale(clock.instant(), retention)) {
                forget(id);
            }
        });
        fetched.removeIf(id -> !promises.containsKey(id));
        while (fetched.size() > retention.maxFetched()) {
            Optional.ofNullable(fetched.poll()).ifPresent(this::forget);
        }
        Set<FutureId> gone = Set.copyOf(forgotten);
        archive.forget(gone);
        forgotten.removeAll(gone);
    }

    /// How many promises are remembered.
    public int size() {
        return promises.size();
    }

    private void forget(FutureId id) {
        Optional.ofNullable(promises.remove(id))
                .ifPresent(promise -> {
                    promise.terms().reader().ifPresent(reader -> reader.forget(id));
                    forgotten.add(id);
                });
    }

    private Optional<Promise> owned(Owner owner, FutureId id) {
        return find(id).filter(promise -> promise.terms().owner().equals(owner));
    }

    private Optional<Promise> find(FutureId id) {
        return Optional.ofNullable(promises.get(id));
    }
}
