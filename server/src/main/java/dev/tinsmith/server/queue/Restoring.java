package dev.tinsmith.server.queue;

import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.EngineException;
import dev.tinsmith.engine.Fault;
import dev.tinsmith.engine.LoraSpec;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.engine.Work;
import dev.tinsmith.server.checkpoint.Checkpoint;
import dev.tinsmith.server.checkpoint.CheckpointEvent.Purpose;
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
    private final Optional<LoraSpec> shape;
    private Optional<Pin> pin = Optional.empty();

    /// A job for a run that takes whatever shape the checkpoint has.
    ///
    /// @param owner whose checkpoint it must be
    public Restoring(
            RunId run,
            Base base,
            Owner owner,
            CheckpointPath path,
            boolean withOptimizer,
            Checkpoints checkpoints) {
        this(run, base, owner, path, withOptimizer, checkpoints, Optional.empty());
    }

    /// @param shape what the checkpoint must have been trained as; the seed does not matter
    public Restoring(
            RunId run,
            Base base,
            Owner owner,
            CheckpointPath path,
            boolean withOptimizer,
            Checkpoints checkpoints,
            Optional<LoraSpec> shape) {
        this.run = run;
        this.base = base;
        this.owner = owner;
        this.path = path;
        this.withOptimizer = withOptimizer;
        this.checkpoints = checkpoints;
        this.shape = shape;
    }

    @Override
    public boolean isOnce() {
        return true;
    }

    @Override
    public Work begin() {
        Checkpoint checkpoint =
                checkpoints
                        .readable(owner, path)
                        .orElseThrow(() -> refused("there is no checkpoint " + path));
        if (!checkpoint.baseModel().equals(base.name())) {
            throw refused(
                    "%s is of the base model '%s', and this run of '%s'; load it into a run of its own base"
                            .formatted(path, checkpoint.baseModel(), base.name()));
        }
        if (shape.filter(own -> !isSame(own, checkpoint.lora())).isPresent()) {
            throw refused(
                    "%s was trained as %s, and this run as %s; make a new run from it instead"
                            .formatted(path, said(checkpoint.lora()), said(shape.get())));
        }
        Pin held = checkpoints.pin(checkpoint);
        pin = Optional.of(held);
        checkpoints.wasRead(owner, checkpoint, Purpose.TRAINING);
        return new Work.Load(run, base, held.folder(), withOptimizer);
    }

    private static EngineException refused(String reason) {
        return new EngineException(Fault.USER, reason);
    }

    private static boolean isSame(LoraSpec one, LoraSpec other) {
        return said(one).equals(said(other));
    }

    private static String said(LoraSpec lora) {
        return "rank %d, train_attn %s, train_mlp %s, train_unembed %s"
                .formatted(lora.rank(), lora.attn(), lora.mlp(), lora.unembed());
    }

    @Override
    public Outcome end(Outcome outcome) {
        pin.ifPresent(Pin::close);
        return outcome;
    }
}
