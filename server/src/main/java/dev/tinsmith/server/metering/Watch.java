package dev.tinsmith.server.metering;

import static java.lang.System.Logger.Level.ERROR;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;

/// Follows operations from the moment they are asked for to their end, and tells those who want to
/// know. Any thread may ask; the listeners are called on the engine's thread and must be quick.
public final class Watch {
    private static final System.Logger LOG = System.getLogger(Watch.class.getName());

    private final InstantSource clock;
    private final List<Consumer<Operation>> listeners;

    public Watch(InstantSource clock, List<Consumer<Operation>> listeners) {
        this.clock = clock;
        this.listeners = List.copyOf(listeners);
    }

    /// Nobody wants to know.
    public static Watch idle() {
        return new Watch(InstantSource.system(), List.of());
    }

    /// An operation was asked for just now.
    public Watched asked(Subject subject) {
        return new Watched(this, subject, clock.instant());
    }

    /// What it tells the time by.
    public InstantSource clock() {
        return clock;
    }

    Instant now() {
        return clock.instant();
    }

    /// Whoever counts must not stop what is counted.
    void tell(Operation done) {
        for (Consumer<Operation> listener : listeners) {
            try {
                listener.accept(done);
            } catch (RuntimeException bug) {
                LOG.log(ERROR, "counting " + done.kind(), bug);
            }
        }
    }
}
