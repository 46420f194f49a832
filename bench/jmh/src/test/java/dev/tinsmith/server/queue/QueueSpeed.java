package dev.tinsmith.server.queue;

import dev.tinsmith.engine.AdamStep;
import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.LoraSpec;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.engine.Work;
import dev.tinsmith.server.future.Archive;
import dev.tinsmith.server.future.FutureId;
import dev.tinsmith.server.future.FutureState;
import dev.tinsmith.server.future.Futures;
import dev.tinsmith.server.future.Ledger;
import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.future.Retention;
import dev.tinsmith.server.journal.Journal;
import dev.tinsmith.server.lane.Commons;
import dev.tinsmith.server.lane.LocalLane;
import dev.tinsmith.server.metering.Subject;
import dev.tinsmith.server.metering.Watch;
import dev.tinsmith.server.observe.Counters;
import dev.tinsmith.server.snapshot.Snapshots;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// What a request costs between the API and the engine: a lane takes it, the engine's thread has
/// its turn, its promise is kept. The engine itself takes no time.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class QueueSpeed {
    private static final RunId RUN = new RunId("s:train:0");
    private static final Owner OWNER = new Owner("ann");
    private static final Work STEP =
            new Work.OptimStep(RUN, new AdamStep(1e-3, 0.9, 0.95, 1e-8, 0, 0));
    private static final List<Owner> OWNERS =
            IntStream.range(0, 8).mapToObj(number -> new Owner("owner " + number)).toList();

    private final Futures futures =
            new Futures(
                    InstantSource.system(),
                    new Retention(Duration.ofHours(1), Duration.ZERO, 0),
                    Archive.none());
    private final Ledger ledger = Ledger.quick(futures);
    private final Turns turns = new Turns(System::nanoTime);
    private EngineThread thread;
    private LocalLane lane;
    private long sequence;

    @Setup(Level.Trial)
    public void open() {
        Base base = new Base("tiny", Path.of("tiny"));
        Counters counters = new Counters();
        Watch watch = Watch.idle();
        thread =
                new EngineThread(
                        new IdleEngine(new Outcome.Done()),
                        new Samples(futures, counters, watch, Journal.none(), ledger, 8),
                        failure -> {
                            throw failure;
                        },
                        System::nanoTime);
        Subject subject = new Subject(OWNER, "s", RUN.value(), base.name());
        Commons commons =
                new Commons(
                        thread,
                        futures,
                        counters,
                        watch,
                        Journal.none(),
                        ledger,
                        Snapshots.none());
        lane = new LocalLane(RUN, base, subject, commons, () -> {});
        await(
                lane.submit(
                        0,
                        "open",
                        Job.of(new Work.Open(RUN, base, new LoraSpec(8, 1, true, true, true)))));
    }

    @TearDown(Level.Trial)
    public void close() {
        thread.close();
    }

    /// From the asking thread to the engine's and back.
    @Benchmark
    public FutureState submitAndAwait() {
        sequence++;
        return await(lane.submit(sequence, "step", Job.of(STEP)));
    }

    /// A turn of one of eight owners.
    @Benchmark
    public Object takeATurn() {
        turns.add(OWNERS.get((int) (sequence++ & 7)), _ -> {});
        Turns.Taken taken = turns.poll().orElseThrow();
        turns.spent(taken, 1_000);
        return taken;
    }

    private FutureState await(FutureId id) {
        return futures.await(OWNER, id, Duration.ofSeconds(10)).orElseThrow();
    }
}
