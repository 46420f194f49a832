package dev.tinsmith.server.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinsmith.engine.AdamStep;
import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.LoraSpec;
import dev.tinsmith.engine.LossSpec;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.engine.Sample;
import dev.tinsmith.engine.SamplingSpec;
import dev.tinsmith.engine.ScriptedEngine;
import dev.tinsmith.engine.Tokens;
import dev.tinsmith.engine.Weights;
import dev.tinsmith.engine.Work;
import dev.tinsmith.server.future.Archive;
import dev.tinsmith.server.future.Feed;
import dev.tinsmith.server.future.FutureId;
import dev.tinsmith.server.future.FutureState;
import dev.tinsmith.server.future.Futures;
import dev.tinsmith.server.future.Ledger;
import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.future.Retention;
import dev.tinsmith.server.future.SteppedClock;
import dev.tinsmith.server.journal.Journal;
import dev.tinsmith.server.lane.Commons;
import dev.tinsmith.server.lane.LocalLane;
import dev.tinsmith.server.metering.Operation;
import dev.tinsmith.server.metering.Subject;
import dev.tinsmith.server.metering.Watch;
import dev.tinsmith.server.observe.Counters;
import dev.tinsmith.server.snapshot.Snapshots;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;

/// A scripted engine on its thread, with all a test of lanes needs.
public final class Bench implements AutoCloseable {
    public static final Base BASE = new Base("org/tiny", Path.of("tiny"));
    public static final LoraSpec LORA = new LoraSpec(8, 1, true, true, true);
    public static final Owner ANN = new Owner("ann");
    public static final Subject ANNS = new Subject(ANN, "s", "s:train:0", BASE.name());
    public static final Duration SOON = Duration.ofSeconds(20);

    public final Feed feed = new Feed();
    public final SteppedClock clock = new SteppedClock();
    public final Futures futures =
            new Futures(clock, Retention.of(Duration.ofHours(1)), Archive.none());
    public final Ledger ledger = Ledger.quick(futures);
    public final Counters counters = new Counters();
    public final List<Operation> operations = new CopyOnWriteArrayList<>();
    public final Watch watch = new Watch(clock, List.of(operations::add));
    public final ScriptedEngine engine = new ScriptedEngine();
    public final List<Error> halts = new CopyOnWriteArrayList<>();
    public final Samples samples;
    public final EngineThread thread;

    public Bench() {
        this(8);
    }

    public Bench(int maxSamples) {
        samples = new Samples(futures, counters, watch, Journal.none(), ledger, maxSamples);
        thread = new EngineThread(engine, samples, halts::add, () -> 0);
    }

    /// What lanes share, if nobody needs to know of them after this process.
    public Commons commons() {
        return new Commons(
                thread, futures, counters, watch, Journal.none(), ledger, Snapshots.none());
    }

    /// A lane whose run is being made.
    public LocalLane lane(String run) {
        LocalLane lane = new LocalLane(new RunId(run), BASE, ANNS, commons(), () -> {});
        FutureId _ = lane.submit(0, "open", Job.of(new Work.Open(new RunId(run), BASE, LORA)));
        return lane;
    }

    public static Job pass(String run) {
        return pass(run, 1);
    }

    public static Job pass(String run, int datums) {
        Tokens tokens = Tokens.of(1, 2, 3);
        Batch.Datum datum = new Batch.Datum(tokens, tokens, 1, new TreeMap<>());
        Batch batch = new Batch(Collections.nCopies(datums, datum));
        return Job.of(
                new Work.ForwardBackward(new RunId(run), batch, LossSpec.named("cross_entropy")));
    }

    public static Job step(String run) {
        return Job.of(
                new Work.OptimStep(new RunId(run), new AdamStep(1e-3, 0.9, 0.95, 1e-8, 0, 0)));
    }

    /// Promises a sample.
    public void draw(FutureId id, Sample sample, Runnable after) {
        samples.draw(
                new Samples.Order(id, 0, ANNS, Optional.empty(), feed.reader(0), after), sample);
    }

    public static Sample sample(int tokens) {
        return sample(new Weights.Plain(BASE), tokens);
    }

    public static Sample sample(Weights weights, int tokens) {
        return new Sample(
                weights,
                Tokens.of(1, 2),
                1,
                new SamplingSpec(tokens, 1, -1, 1, 7, Set.of(), SamplingSpec.StopText.NONE),
                Sample.PromptScore.NONE,
                0);
    }

    /// How it ended, which it must do soon.
    public FutureState end(FutureId id) {
        return futures.await(ANN, id, SOON).orElseThrow();
    }

    public FutureState now(FutureId id) {
        return futures.await(ANN, id, Duration.ZERO).orElseThrow();
    }

    /// Waits until `true`, which must be soon.
    public static void until(BooleanSupplier truth) {
        long end = System.nanoTime() + SOON.toNanos();
        while (!truth.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited too long").isLessThan(end);
            try {
                Thread.sleep(1);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    @Override
    public void close() {
        engine.releaseAll();
        thread.close();
    }
}
