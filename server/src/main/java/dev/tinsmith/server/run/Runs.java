package dev.tinsmith.server.run;

import static java.lang.System.Logger.Level.ERROR;
import static java.lang.System.Logger.Level.WARNING;

import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.engine.Work;
import dev.tinsmith.server.checkpoint.Checkpoint;
import dev.tinsmith.server.checkpoint.CheckpointPath;
import dev.tinsmith.server.checkpoint.Checkpoints;
import dev.tinsmith.server.future.Archive;
import dev.tinsmith.server.future.FutureId;
import dev.tinsmith.server.future.MissingException;
import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.lane.Commons;
import dev.tinsmith.server.lane.LocalLane;
import dev.tinsmith.server.queue.Job;
import dev.tinsmith.server.queue.Restoring;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/// The training runs of this server. Any thread may ask. Nobody sees another owner's.
public final class Runs {
    private static final System.Logger LOG = System.getLogger(Runs.class.getName());

    /// After so long without work a run is written to the disk.
    private static final Duration UNTIL_KEPT = Duration.ofSeconds(10);

    /// After so long without work it leaves memory.
    private static final Duration UNTIL_FORGOTTEN = Duration.ofMinutes(10);

    private static final Comparator<RunFacts> NEWEST_FIRST =
            Comparator.comparing(RunFacts::lastRequest)
                    .reversed()
                    .thenComparing(facts -> facts.id().value());

    private final Commons commons;
    private final Checkpoints checkpoints;
    private final RunTable table;
    private final InstantSource clock;
    private final ConcurrentMap<RunId, Run> running = new ConcurrentHashMap<>();
    private final ClosedRuns closed = new ClosedRuns();
    private Instant touched;

    public Runs(Commons commons, Checkpoints checkpoints, RunTable table, InstantSource clock) {
        this.commons = commons;
        this.checkpoints = checkpoints;
        this.table = table;
        this.clock = clock;
        this.touched = clock.instant();
        table.all(true).forEach(row -> closed.add(row.facts()));
    }

    /// Brings back the runs of an earlier life of the server. Each stays on the disk until there is
    /// something to do for it.
    ///
    /// @param bases those that are still here
    public void restore(Function<String, Optional<Base>> bases, Archive archive) {
        for (RunTable.Row row : table.all(false)) {
            Optional<Base> base = bases.apply(row.facts().baseModel());
            if (base.isEmpty()) {
                LOG.log(
                        ERROR,
                        "{0} stays on the disk, since its base model {1} is not here",
                        row.facts().id(),
                        row.facts().baseModel());
            }
            base.ifPresent(found -> restore(row, found, archive));
        }
    }

    private void restore(RunTable.Row row, Base base, Archive archive) {
        RunFacts facts = row.facts();
        NewRun asked =
                new NewRun(
                        facts.owner(),
                        row.session(),
                        row.number(),
                        row.fingerprint(),
                        base,
                        facts.lora(),
                        facts.metadata());
        LocalLane lane = lane(asked);
        lane.restore(archive);
        running.put(facts.id(), new Run(asked, facts.created(), facts.lastRequest(), lane));
    }

    private LocalLane lane(NewRun asked) {
        return new LocalLane(
                asked.id(), asked.base(), asked.subject(), commons, () -> table.close(asked.id()));
    }

    /// A run that is under way, whosever it is.
    public Optional<Run> underway(RunId id) {
        return Optional.ofNullable(running.get(id));
    }

    /// Has runs that rest written to the disk, and forgotten from memory; to be called now and
    /// then.
    public void sweep() {
        Instant since = touched;
        touched = clock.instant();
        Map<RunId, Instant> asked = new HashMap<>();
        for (Run run : running.values()) {
            run.line().rest(UNTIL_KEPT, UNTIL_FORGOTTEN);
            if (run.lastRequest().isAfter(since)) {
                asked.put(run.id(), run.lastRequest());
            }
        }
        table.touched(asked);
    }

    /// Begins no more work, and has all runs written to the disk; returns when that is done, or has
    /// taken too long.
    public void stop(Duration patience) {
        List<Run> all = List.copyOf(running.values());
        CountDownLatch noisy = new CountDownLatch(all.size());
        for (Run run : all) {
            AtomicBoolean first = new AtomicBoolean(true);
            run.line()
                    .stop(() -> {
                        if (first.getAndSet(false)) {
                            noisy.countDown();
                        }
                    });
        }
        try {
            if (!noisy.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.log(
                        WARNING,
                        "{0} runs were still at work; they go on with the next start",
                        noisy.getCount());
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// Makes a run with a fresh adapter, or returns what was promised when the same request came
    /// before. The run takes work at once; what cannot be made fails its work.
    public FutureId create(NewRun asked) {
        Run run = enter(asked);
        return run.lane()
                .submit(
                        0,
                        asked.fingerprint(),
                        sent(asked, Job.of(new Work.Open(run.id(), run.base(), run.lora()))));
    }

    /// Makes a run from a checkpoint of its owner's, as [#create] does from nothing.
    public FutureId restore(NewRun asked, CheckpointPath from, boolean withOptimizer) {
        Run run = enter(asked);
        return run.lane()
                .submit(
                        0,
                        asked.fingerprint(),
                        sent(
                                asked,
                                new Restoring(
                                        run.id(),
                                        run.base(),
                                        run.owner(),
                                        from,
                                        withOptimizer,
                                        checkpoints)));
    }

    private static Job sent(NewRun asked, Job job) {
        return asked.letter().map(job::sentAs).orElse(job);
    }

    private Run enter(NewRun asked) {
        if (closed.find(asked.id()).isPresent()) {
            throw closed(asked.id());
        }
        Run run =
                running.computeIfAbsent(
                        asked.id(),
                        _ -> {
                            Instant now = clock.instant();
                            Run made = new Run(asked, now, now, lane(asked));
                            table.add(made.row());
                            return made;
                        });
        if (!run.owner().equals(asked.owner())) {
            throw missing(asked.id());
        }
        return run;
    }

    /// The caller's run, which is under way; asking for it counts as a request.
    ///
    /// @throws MissingException if there is none of the caller's
    public Run ownedBy(Owner owner, RunId id) {
        Run run =
                Optional.ofNullable(running.get(id))
                        .filter(found -> found.owner().equals(owner))
                        .orElseThrow(() -> gone(owner, id));
        run.touch(clock.instant());
        return run;
    }

    /// What is known of the caller's run, even if it is long gone and only its checkpoints are
    /// left.
    ///
    /// @throws MissingException if there is none of the caller's
    public RunFacts facts(Owner owner, RunId id) {
        return Optional.ofNullable(running.get(id))
                .map(Run::facts)
                .or(() -> closed.find(id))
                .or(() -> checkpoints.ofRun(owner, id).stream().findFirst().map(RunFacts::of))
                .filter(facts -> facts.owner().equals(owner))
                .orElseThrow(() -> missing(id));
    }

    /// All the caller's runs, those of earlier lives of this server too, if a checkpoint is left;
    /// those last used first.
    public List<RunFacts> list(Owner owner) {
        Map<RunId, RunFacts> all = new HashMap<>();
        running.values().forEach(run -> all.put(run.id(), run.facts()));
        closed.all().forEach(facts -> all.putIfAbsent(facts.id(), facts));
        for (Checkpoint left : checkpoints.list(owner)) {
            all.putIfAbsent(left.path().run(), RunFacts.of(left));
        }
        return all.values().stream()
                .filter(facts -> facts.owner().equals(owner))
                .sorted(NEWEST_FIRST)
                .toList();
    }

    /// Closes the runs of a session that is over. What is in line is still done; checkpoints stay.
    public void closeAll(SessionId session) {
        for (Run run : List.copyOf(running.values())) {
            if (run.session().equals(session)) {
                closed.add(run.facts());
                running.remove(run.id());
                run.line().close();
            }
        }
    }

    private MissingException gone(Owner owner, RunId id) {
        return closed.find(id).filter(facts -> facts.owner().equals(owner)).isPresent()
                ? closed(id)
                : missing(id);
    }

    private static MissingException closed(RunId id) {
        return new MissingException(
                "training run '%s' is closed, since its session is over; go on from a checkpoint of it in a new run"
                        .formatted(id));
    }

    private static MissingException missing(RunId id) {
        return new MissingException("there is no training run '%s'".formatted(id));
    }
}
