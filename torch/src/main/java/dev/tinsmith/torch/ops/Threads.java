package dev.tinsmith.torch.ops;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// The threads that compute: all of them on one thing, or half of them on each of two.
///
/// Two halves that go their own way are quicker than all threads on every product: nobody waits at
/// the end of each for one that the system has given to somebody else. It belongs to the thread
/// that computes.
public final class Threads implements AutoCloseable {
    private final int count;
    private final ExecutorService second =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().name("engine, second half").daemon().factory());

    /// @param count how many there are
    public Threads(int count) {
        this.count = count;
    }

    /// How many there are.
    public int count() {
        return count;
    }

    /// Runs both, at the same time if there are two threads, and returns when both are done.
    public void both(Runnable one, Runnable other) {
        if (count == 1) {
            one.run();
            other.run();
            return;
        }
        int half = count / 2;
        CompletableFuture<Void> theOther =
                CompletableFuture.runAsync(
                        () -> {
                            int _ = Ops.threads(count - half);
                            other.run();
                        },
                        second);
        try {
            int _ = Ops.threads(half);
            one.run();
        } finally {
            await(theOther);
            int _ = Ops.threads(count);
        }
    }

    /// What was begun is always waited for: it writes where its caller reads.
    private static void await(CompletableFuture<Void> other) {
        try {
            other.join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof Error error) {
                throw error;
            }
            throw failed;
        }
    }

    @Override
    public void close() {
        second.shutdown();
    }
}
