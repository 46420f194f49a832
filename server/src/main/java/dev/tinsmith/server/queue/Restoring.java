package dev.tinsmith.server.queue;

import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.EngineException;
import dev.tinsmith.engine.Fault;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.engine.Work;
import dev.tinsmith.server.checkpoint.CheckpointPath;
import dev.tinsmith.server.checkpoint.Checkpoints;
import dev.tinsmith.server.checkpoint.Pin;
import dev.tinsmith.server.future.Owner;
import java.util.Optional;

/// Takes a run back to a checkpoint, or makes it from one. Which files the path means is decided
/// when its turn has come.
public final class Restoring implements Job {
    private final RunId run;
    private final Base base;
    private final Owner owner;
    private final CheckpointPath path;
    private final boolean withOptimizer;
    private final Checkpoints checkpoints;
    private Optional<Pin> pin = Optional.empty();

    /// @param owner whose checkpoint it must be
    public Restoring(
            RunId run,
            Base base,
            Owner owner,
            CheckpointPath path,
            boolean withOptimizer,
            Checkpoints checkpoints) {
        this.run = run;
        this.base = base;
        this.owner = owner;
        this.path = path;
        this.withOptimizer = withOptimizer;
        this.checkpoints = checkpoints;
    }

    @Override
    public Work begin() {
        Pin held =
                checkpoints
                        .find(owner, path)
                        .map(checkpoints::pin)
                        .orElseThrow(() ->
                                new EngineException(Fault.USER, "there is no checkpoint " + path));
        pin = Optional.of(held);
        return new Work.Load(run, base, held.folder(), withOptimizer);
    }

    @Override
    public Outcome end(Outcome outcome) {
        pin.ifPresent(Pin::close);
        return outcome;
    }
}
