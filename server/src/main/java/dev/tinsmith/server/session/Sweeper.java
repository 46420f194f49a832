package dev.tinsmith.server.session;

import static java.lang.System.Logger.Level.ERROR;

import java.time.Duration;
import java.util.List;

/// Sweeps the rooms now and then, on a virtual thread of its own: sessions that fell silent,
/// checkpoints that expired, results that nobody fetched.
public final class Sweeper implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Sweeper.class.getName());

    private final Thread thread;

    private Sweeper(Thread thread) {
        this.thread = thread;
    }

    /// Calls each of `brooms` after every `pause`; one that fails is logged and called again.
    public static Sweeper start(Sleeper sleeper, Duration pause, List<Runnable> brooms) {
        List<Runnable> all = List.copyOf(brooms);
        return new Sweeper(
                Thread.ofVirtual().name("sweeper").start(() -> sweep(sleeper, pause, all)));
    }

    private static void sweep(Sleeper sleeper, Duration pause, List<Runnable> brooms) {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                sleeper.sleep(pause);
                brooms.forEach(Sweeper::sweep);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static void sweep(Runnable broom) {
        try {
            broom.run();
        } catch (RuntimeException failure) {
            LOG.log(ERROR, "sweeping", failure);
        }
    }

    /// Stops it, and waits for the sweep under way.
    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
