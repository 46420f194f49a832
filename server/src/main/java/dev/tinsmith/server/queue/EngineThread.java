package dev.tinsmith.server.queue;

import static java.lang.System.Logger.Level.ERROR;

import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.Engine;
import dev.tinsmith.engine.EngineException;
import dev.tinsmith.engine.Fault;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.server.future.Owner;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// The one thread that touches the engine.
///
/// It alternates: what samples have newly arrived are let in, one turn of training work is taken,
/// all decoding samples advance slice by slice for as long as that turn took. So training and
/// sampling share the engine evenly while both want it, and a token waits for one pass at most.
/// Lanes stand in line for their turns ([Turns]). With nothing to do it sleeps until something
/// comes.
///
/// A platform thread, since a virtual one would pin its carrier for as long as the engine computes.
public final class EngineThread implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(EngineThread.class.getName());
    private static final String BUG = "the server failed; its log says why";

    /// Who brings bases into memory.
    private static final Owner HOUSE = new Owner("the server itself");

    /// How many of those in line are told to the engine: each that trains has it make room for its
    /// gradients.
    private static final int COMPANY = 8;

    private final Turns turns;
    private final Samples samples;
    private final Halt halt;
    private final LongSupplier nanos;
    private final Thread thread;
    private volatile boolean open = true;

    /// Starts the thread; from now on nobody else may touch `engine`, which is closed with it.
    ///
    /// @param nanos a clock that never goes back
    public EngineThread(Engine engine, Samples samples, Halt halt, LongSupplier nanos) {
        this.nanos = nanos;
        this.turns = new Turns(nanos);
        this.samples = samples;
        this.halt = halt;
        samples.serve(turns::wake);
        this.thread = Thread.ofPlatform().name("engine").start(() -> work(engine));
    }

    /// Brings `base` into memory, when its turn has come.
    ///
    /// @param then told on the engine's thread what came of it
    public void load(Base base, Consumer<Outcome> then) {
        enqueue(
                HOUSE,
                engine ->
                        safely("loading " + base.name(), () -> Optional.of(engine.load(base)))
                                .ifPresent(then));
    }

    /// Lets the piece of work under way end, drops the rest, and frees the engine. What was
    /// promised and not done stays promised.
    @Override
    public void close() {
        open = false;
        turns.wake();
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// Puts a turn in line.
    ///
    /// @param owner whose time it takes
    public void enqueue(Owner owner, Turn turn) {
        turns.add(owner, turn);
    }

    /// What `slice` says, or that it failed; never throws but for an [Error].
    public static Optional<Outcome> safely(String what, Supplier<Optional<Outcome>> slice) {
        try {
            return slice.get();
        } catch (EngineException refusal) {
            return Optional.of(new Outcome.Failed(refusal.fault(), refusal.reason()));
        } catch (RuntimeException bug) {
            LOG.log(ERROR, what, bug);
            return Optional.of(new Outcome.Failed(Fault.SERVER, BUG));
        }
    }

    /// Does `doing`, or says that it failed.
    static Optional<Outcome.Failed> failure(String what, Runnable doing) {
        return safely(
                        what,
                        () -> {
                            doing.run();
                            return Optional.empty();
                        })
                .map(Outcome.Failed.class::cast);
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
        Optional<Outcome.Failed> _ = failure("closing the engine", engine::close);
    }

    private void step(Engine engine) throws InterruptedException {
        Optional<Turns.Taken> taken = samples.isDecoding() ? turns.poll() : turns.take();
        samples.admit(engine);
        long took = open && taken.isPresent() ? take(engine, taken.get()) : 0;
        long start = nanos.getAsLong();
        while (open && samples.isDecoding()) {
            samples.decode(engine);
            if (nanos.getAsLong() - start >= took) {
                return;
            }
            samples.admit(engine);
        }
    }

    /// @return how many nanoseconds it took
    private long take(Engine engine, Turns.Taken taken) {
        long start = nanos.getAsLong();
        try {
            turns.upcoming(COMPANY).forEach(turn -> turn.prepare(engine));
            taken.turn().take(engine);
        } catch (RuntimeException bug) {
            LOG.log(ERROR, "a turn broke off", bug);
        }
        long took = nanos.getAsLong() - start;
        turns.spent(taken, took);
        return took;
    }
}
