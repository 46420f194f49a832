package dev.tinsmith.server.sampling;

import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.Work;
import dev.tinsmith.server.checkpoint.Checkpoints;
import dev.tinsmith.server.queue.Job;
import dev.tinsmith.server.run.Run;
import java.nio.file.Path;
import java.util.Optional;

/// Saves a run for sampling, without a name.
final class Snapshot implements Job {
    private final Samplers samplers;
    private final Checkpoints checkpoints;
    private final Run run;
    private final SamplerId id;
    private final SnapshotKind kind;
    private Optional<Path> folder = Optional.empty();

    Snapshot(Samplers samplers, Checkpoints checkpoints, Run run, SamplerId id, SnapshotKind kind) {
        this.samplers = samplers;
        this.checkpoints = checkpoints;
        this.run = run;
        this.id = id;
        this.kind = kind;
    }

    @Override
    public boolean changesRun() {
        return false;
    }

    @Override
    public Optional<Outcome> before() {
        return samplers.isThere(run.owner(), id)
                ? Optional.of(new Outcome.Done())
                : Optional.empty();
    }

    @Override
    public Work begin() {
        Path draft = checkpoints.draft();
        folder = Optional.of(draft);
        return new Work.Save(run.id(), draft, false);
    }

    @Override
    public Outcome end(Outcome outcome) {
        Path saved = folder.orElseThrow();
        if (outcome instanceof Outcome.Failed) {
            checkpoints.discard(saved);
        } else {
            samplers.publish(id, run, kind, saved);
        }
        return outcome;
    }
}
