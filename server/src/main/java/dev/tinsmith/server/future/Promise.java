package dev.tinsmith.server.future;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// One promise. Settled by one thread, awaited by many.
final class Promise {
    private static final FutureState PENDING = new FutureState.Pending();

    private final Terms terms;
    private final CountDownLatch settling = new CountDownLatch(1);
    private volatile FutureState state = PENDING;
    private volatile Optional<Instant> settled = Optional.empty();
    private volatile Optional<Instant> fetched = Optional.empty();

    Promise(Terms terms) {
        this.terms = terms;
    }

    Terms terms() {
        return terms;
    }

    FutureState state() {
        return state;
    }

    /// Whether this was the first time.
    synchronized boolean settle(FutureState.Settled end, Instant now) {
        if (settled.isPresent()) {
            return false;
        }
        state = end;
        settled = Optional.of(now);
        settling.countDown();
        return true;
    }

    /// Waits; an interrupted wait ends early, and the thread stays marked.
    FutureState await(Duration patience) {
        try {
            boolean _ = settling.await(Math.max(0, patience.toNanos()), TimeUnit.NANOSECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        return settled.isPresent() ? state : standing();
    }

    /// Lets go of all who wait, as if their patience were at its end, now and from now on.
    void wake() {
        settling.countDown();
    }

    private FutureState standing() {
        return terms.waiting().get().<FutureState>map(FutureState.Waiting::new).orElse(PENDING);
    }

    /// Whether this was the first time.
    synchronized boolean fetch(Instant now) {
        if (fetched.isPresent()) {
            return false;
        }
        fetched = Optional.of(now);
        return true;
    }

    boolean isSettled() {
        return settled.isPresent();
    }

    boolean isStale(Instant now, Retention retention) {
        return fetched.map(at -> at.plus(retention.fetched()).isBefore(now))
                .or(() -> settled.map(at -> at.plus(retention.unfetched()).isBefore(now)))
                .orElse(false);
    }
}
