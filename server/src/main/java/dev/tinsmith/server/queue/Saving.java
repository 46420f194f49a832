package dev.tinsmith.server.queue;

import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.engine.Work;
import dev.tinsmith.server.checkpoint.CheckpointKind;
import dev.tinsmith.server.checkpoint.Checkpoints;
import dev.tinsmith.server.checkpoint.SaveOrder;
import java.nio.file.Path;
import java.util.Optional;

/// Saves a run under a name. The checkpoint is there once all of it is, and then the client is
/// told.
public final class Saving implements Job {
    private final RunId run;
    private final SaveOrder order;
    private final Checkpoints checkpoints;
    private Optional<Path> draft = Optional.empty();

    public Saving(RunId run, SaveOrder order, Checkpoints checkpoints) {
        this.run = run;
        this.order = order;
        this.checkpoints = checkpoints;
    }

    @Override
    public boolean changesRun() {
        return false;
    }

    @Override
    public Optional<Outcome> before() {
        return checkpoints.isStored(order) ? Optional.of(new Outcome.Done()) : Optional.empty();
    }

    @Override
    public Work begin() {
        checkpoints.check(order);
        Path folder = checkpoints.draft();
        draft = Optional.of(folder);
        return new Work.Save(run, folder, order.path().kind() == CheckpointKind.WEIGHTS);
    }

    @Override
    public Outcome end(Outcome outcome) {
        Path folder = draft.orElseThrow();
        if (outcome instanceof Outcome.Failed) {
            checkpoints.discard(folder);
        } else {
            checkpoints.store(order, folder);
        }
        return outcome;
    }
}
