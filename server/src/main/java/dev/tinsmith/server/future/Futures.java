package dev.tinsmith.server.future;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/// Every promise this server made and has not forgotten. Any thread may ask anything.
///
/// Results live in memory for as long as [Retention] says; a promise that is not settled is never
/// forgotten.
public final class Futures {
    private final InstantSource clock;
    private final Retention retention;
    private final ConcurrentMap<FutureId, Promise> promises = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<FutureId> fetched = new ConcurrentLinkedQueue<>();
    private final List<Consumer<FutureId>> listeners = new CopyOnWriteArrayList<>();

    public Futures(InstantSource clock, Retention retention) {
        this.clock = clock;
        this.retention = retention;
    }

    /// Promises `id` on `terms`, or does nothing if it was promised before.
    ///
    /// @return whether this was the first time
    public boolean promise(FutureId id, Terms terms) {
        return Optional.ofNullable(promises.putIfAbsent(id, new Promise(terms))).isEmpty();
    }

    /// Whether `id` was promised to anybody and is not forgotten.
    public boolean knows(FutureId id) {
        return promises.containsKey(id);
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
        return owned(owner, id).map(Promise::state);
    }

    /// Forgets a result that `owner` says has arrived; nothing happens if there is none.
    public void drop(Owner owner, FutureId id) {
        if (owned(owner, id).filter(Promise::isSettled).isPresent()) {
            forget(id);
        }
    }

    /// Waits up to `patience` for the end of `id`; the thread should be a virtual one.
    ///
    /// @return empty if `owner` was promised nothing by that name, or it was forgotten
    public Optional<FutureState> await(Owner owner, FutureId id, Duration patience) {
        return owned(owner, id).map(promise -> fetch(id, promise, promise.await(patience)));
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

    /// Calls `listener` with each promise that is forgotten from now on.
    public void whenForgotten(Consumer<FutureId> listener) {
        listeners.add(listener);
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
    }

    /// How many promises are remembered.
    public int size() {
        return promises.size();
    }

    private void forget(FutureId id) {
        Optional.ofNullable(promises.remove(id))
                .ifPresent(promise -> {
                    promise.terms().reader().ifPresent(reader -> reader.forget(id));
                    listeners.forEach(listener -> listener.accept(id));
                });
    }

    private Optional<Promise> owned(Owner owner, FutureId id) {
        return find(id).filter(promise -> promise.terms().owner().equals(owner));
    }

    private Optional<Promise> find(FutureId id) {
        return Optional.ofNullable(promises.get(id));
    }
}
