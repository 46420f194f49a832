package dev.tinsmith.server.queue;

import static java.lang.System.Logger.Level.ERROR;

import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.Engine;
import dev.tinsmith.engine.EngineException;
import dev.tinsmith.engine.Fault;
import dev.tinsmith.engine.Outcome;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// The one thread that touches the engine.
///
/// It alternates: what samples have newly arrived are let in, one turn of training work is taken,
/// all decoding samples advance by one slice. Lanes stand in line for their turns, so that each
/// gets every n-th. With nothing to do it sleeps until something comes.
///
/// A platform thread, since a virtual one would pin its carrier for as long as the engine computes.
public final class EngineThread implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(EngineThread.class.getName());
    private static final String BUG = "the server failed; its log says why";

    private final BlockingQueue<Turn> turns = new LinkedBlockingQueue<>();
    private final Turn nudge = _ -> {};
    private final AtomicBoolean nudged = new AtomicBoolean();
    private final Samples samples;
    private final Halt halt;
    private final Thread thread;
    private volatile boolean open = true;

    /// Starts the thread; from now on nobody else may touch `engine`, which is closed with it.
    public EngineThread(Engine engine, Samples samples, Halt halt) {
        this.samples = samples;
        this.halt = halt;
        samples.serve(this::nudge);
        this.thread = Thread.ofPlatform().name("engine").start(() -> work(engine));
    }

    /// Brings `base` into memory, when its turn has come.
    ///
    /// @param then told on the engine's thread what came of it
    public void load(Base base, Consumer<Outcome> then) {
        enqueue(engine -> then.accept(safely("loading " + base.name(), () -> engine.load(base))));
    }

    /// Lets the piece of work under way end, drops the rest, and frees the engine. What was
    /// promised and not done stays promised.
    @Override
    public void close() {
        open = false;
        nudge();
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    void enqueue(Turn turn) {
        turns.add(turn);
    }

    /// What `computing` says, or that it failed; never throws but for an [Error].
    static Outcome safely(String what, Supplier<Outcome> computing) {
        try {
            return computing.get();
        } catch (EngineException refusal) {
            return new Outcome.Failed(refusal.fault(), refusal.reason());
        } catch (RuntimeException bug) {
            LOG.log(ERROR, what, bug);
            return new Outcome.Failed(Fault.SERVER, BUG);
        }
    }

    /// Wakes the thread if it sleeps.
    private void nudge() {
        if (!nudged.getAndSet(true)) {
            turns.add(nudge);
        }
    }

    private void work(Engine engine) {
        try {
            while (open) {
                step(engine);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (Error lost) {
            halt.halt(lost);
        }
        Outcome _ =
                safely(
                        "closing the engine",
                        () -> {
                            engine.close();
                            return new Outcome.Done();
                        });
    }

    private void step(Engine engine) throws InterruptedException {
        Optional<Turn> turn = next();
        samples.admit(engine);
        if (open && turn.isPresent()) {
            take(engine, turn.get());
        }
        if (open && samples.isDecoding()) {
            samples.decode(engine);
        }
    }

    /// The next turn, if there is one; sleeps if there is nothing else to do. A nudge is no turn.
    private Optional<Turn> next() throws InterruptedException {
        Optional<Turn> turn =
                samples.isDecoding()
                        ? Optional.ofNullable(turns.poll())
                        : Optional.of(turns.take());
        return turn.filter(this::isNudge).isPresent()
                ? Optional.ofNullable(turns.poll()).filter(another -> !isNudge(another))
                : turn;
    }

    /// Whether `taken` only woke us. Each nudge that is taken lets another be given, or one that
    /// came in the meantime would be the last.
    private boolean isNudge(Turn taken) {
        boolean woken = taken.equals(nudge);
        if (woken) {
            nudged.set(false);
        }
        return woken;
    }

    private static void take(Engine engine, Turn turn) {
        try {
            turn.take(engine);
        } catch (RuntimeException bug) {
            LOG.log(ERROR, "a turn broke off", bug);
        }
    }
}
