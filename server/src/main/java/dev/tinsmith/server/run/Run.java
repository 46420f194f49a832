package dev.tinsmith.server.run;

import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.LoraSpec;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.server.checkpoint.Checkpoint;
import dev.tinsmith.server.checkpoint.CheckpointPath;
import dev.tinsmith.server.checkpoint.Checkpoints;
import dev.tinsmith.server.checkpoint.SaveOrder;
import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.journal.Entry;
import dev.tinsmith.server.lane.LocalLane;
import dev.tinsmith.server.queue.Job;
import dev.tinsmith.server.queue.Lane;
import dev.tinsmith.server.queue.Restoring;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/// A training run that is under way. Any thread may ask.
public final class Run {
    private final NewRun asked;
    private final Instant created;
    private final LocalLane lane;
    private volatile Instant lastRequest;

    Run(NewRun asked, Instant created, Instant lastRequest, LocalLane lane) {
        this.asked = asked;
        this.created = created;
        this.lane = lane;
        this.lastRequest = lastRequest;
    }

    /// Its name, which the client knows as its model id.
    public RunId id() {
        return asked.id();
    }

    /// Whose it is.
    public Owner owner() {
        return asked.owner();
    }

    /// The visit it was made in.
    public SessionId session() {
        return asked.session();
    }

    /// The frozen model underneath.
    public Base base() {
        return asked.base();
    }

    /// Which factors it trains.
    public LoraSpec lora() {
        return asked.lora();
    }

    /// What the client said of it.
    public SortedMap<String, String> metadata() {
        return asked.metadata();
    }

    /// When it was asked for.
    public Instant created() {
        return created;
    }

    /// When its owner last asked for it.
    public Instant lastRequest() {
        return lastRequest;
    }

    /// Where its work goes.
    public Lane lane() {
        return lane;
    }

    /// The order to keep this run as it will be when that order's turn has come.
    ///
    /// @param sequence the number of the order
    /// @param overwrite whether a checkpoint that is already there gives way
    /// @param metadata what the client says of the checkpoint
    /// @param timeToLive empty: for ever
    /// @throws IllegalArgumentException if `path` is of another run
    public SaveOrder saving(
            long sequence,
            CheckpointPath path,
            boolean overwrite,
            SortedMap<String, String> metadata,
            Optional<Duration> timeToLive) {
        if (!path.run().equals(id())) {
            throw new IllegalArgumentException(
                    "%s is of another run; this one is '%s'".formatted(path, id()));
        }
        return new SaveOrder(
                path,
                owner(),
                base().name(),
                lora(),
                overwrite,
                metadata,
                timeToLive,
                new Checkpoint.Origin(created, metadata(), Optional.of(sequence)),
                List.of());
    }

    /// The job that takes this run back to a checkpoint of its owner's, which must have its base
    /// and its shape.
    public Job restoring(CheckpointPath from, boolean withOptimizer, Checkpoints checkpoints) {
        return new Restoring(
                id(), base(), owner(), from, withOptimizer, checkpoints, Optional.of(lora()));
    }

    /// As listed.
    public RunFacts facts() {
        return new RunFacts(id(), owner(), base().name(), lora(), created, lastRequest, metadata());
    }

    /// Whether a request of an earlier life of the server is to be made again.
    public boolean wants(Entry entry) {
        return lane.wants(entry);
    }

    LocalLane line() {
        return lane;
    }

    RunTable.Row row() {
        return new RunTable.Row(facts(), session(), asked.number(), asked.fingerprint());
    }

    void touch(Instant now) {
        lastRequest = now;
    }
}
