package dev.tinsmith.server.run;

import dev.tinsmith.engine.RunId;
import dev.tinsmith.engine.Work;
import dev.tinsmith.server.checkpoint.Checkpoint;
import dev.tinsmith.server.checkpoint.CheckpointPath;
import dev.tinsmith.server.checkpoint.Checkpoints;
import dev.tinsmith.server.future.FutureId;
import dev.tinsmith.server.future.MissingException;
import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.queue.Job;
import dev.tinsmith.server.queue.LocalLane;
import dev.tinsmith.server.queue.Restoring;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;

/// The training runs of this server. Any thread may ask. Nobody sees another owner's.
public final class Runs {
    private static final Comparator<RunFacts> NEWEST_FIRST =
            Comparator.comparing(RunFacts::lastRequest)
                    .reversed()
                    .thenComparing(facts -> facts.id().value());

    private final Function<NewRun, LocalLane> lanes;
    private final Checkpoints checkpoints;
    private final InstantSource clock;
    private final ConcurrentMap<RunId, Run> running = new ConcurrentHashMap<>();
    private final ClosedRuns closed = new ClosedRuns();

    /// @param lanes makes the lane of a new run
    public Runs(Function<NewRun, LocalLane> lanes, Checkpoints checkpoints, InstantSource clock) {
        this.lanes = lanes;
        this.checkpoints = checkpoints;
        this.clock = clock;
    }

    /// Makes a run with a fresh adapter, or returns what was promised when the same request came
    /// before. The run takes work at once; what cannot be made fails its work.
    public FutureId create(NewRun asked) {
        Run run = enter(asked);
        return run.lane()
                .submit(
                        0,
                        asked.fingerprint(),
                        Job.of(new Work.Open(run.id(), run.base(), run.lora())));
    }

    /// Makes a run from a checkpoint of its owner's, as [#create] does from nothing.
    public FutureId restore(NewRun asked, CheckpointPath from, boolean withOptimizer) {
        Run run = enter(asked);
        return run.lane()
                .submit(
                        0,
                        asked.fingerprint(),
                        new Restoring(
                                run.id(),
                                run.base(),
                                run.owner(),
                                from,
                                withOptimizer,
                                checkpoints));
    }

    private Run enter(NewRun asked) {
        if (closed.find(asked.id()).isPresent()) {
            throw closed(asked.id());
        }
        Run run =
                running.computeIfAbsent(
                        asked.id(), _ -> new Run(asked, clock.instant(), lanes.apply(asked)));
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
