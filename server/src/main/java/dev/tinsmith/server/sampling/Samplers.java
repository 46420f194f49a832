package dev.tinsmith.server.sampling;

import static java.lang.System.Logger.Level.ERROR;

import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.EngineException;
import dev.tinsmith.engine.Fault;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.engine.Sample;
import dev.tinsmith.engine.Weights;
import dev.tinsmith.server.checkpoint.Checkpoint;
import dev.tinsmith.server.checkpoint.CheckpointEvent.Purpose;
import dev.tinsmith.server.checkpoint.CheckpointPath;
import dev.tinsmith.server.checkpoint.Checkpoints;
import dev.tinsmith.server.checkpoint.Pin;
import dev.tinsmith.server.future.FutureId;
import dev.tinsmith.server.future.MissingException;
import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.queue.Job;
import dev.tinsmith.server.queue.Letter;
import dev.tinsmith.server.queue.Samples;
import dev.tinsmith.server.run.Run;
import dev.tinsmith.server.run.SessionId;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.function.Function;
import java.util.function.Supplier;

/// The sampling sessions of this server. Any thread may ask. Nobody sees another owner's.
///
/// A sampler's weights are pinned: deleting their checkpoint does not touch it. Weights without a
/// name belong to the session, and are deleted when its leavings are closed.
public final class Samplers {
    private static final System.Logger LOG = System.getLogger(Samplers.class.getName());

    /// How many closed sessions are remembered, so that a save still in line leaves nothing behind.
    private static final int REMEMBERED = 1000;

    private final Samples samples;
    private final Checkpoints checkpoints;
    private final SamplerTable table;

    /// These are guarded by this.
    private final Map<SamplerId, Sampler> samplers = new HashMap<>();

    private final Map<RunId, Source> inflight = new HashMap<>();
    private final SequencedSet<SessionId> closed = new LinkedHashSet<>();

    public Samplers(Samples samples, Checkpoints checkpoints, SamplerTable table) {
        this.samples = samples;
        this.checkpoints = checkpoints;
        this.table = table;
    }

    /// Brings back the samplers of an earlier life of the server, and clears away what was held for
    /// others.
    ///
    /// @param bases those that are still here
    public synchronized void restore(Function<String, Optional<Base>> bases) {
        List<SamplerTable.Row> rows = table.all();
        rows.forEach(row -> bases.apply(row.base()).ifPresent(base -> restore(row, base)));
        checkpoints.retain(rows.stream().flatMap(row -> row.folder().stream()).toList());
    }

    private void restore(SamplerTable.Row row, Base base) {
        Optional<Source> source =
                row.folder().isEmpty()
                        ? Optional.of(new Source(new Held(new Weights.Plain(base), () -> {})))
                        : row.shared()
                                .flatMap(run -> Optional.ofNullable(inflight.get(run)))
                                .or(() -> held(row.folder().get(), base));
        if (source.isEmpty()) {
            LOG.log(ERROR, "the weights of {0} are gone, and so is the sampler", row.id());
            return;
        }
        row.shared().ifPresent(run -> inflight.put(run, source.get()));
        Sampler sampler =
                new Sampler(
                        row.id(),
                        row.owner(),
                        row.session(),
                        row.path(),
                        source.get(),
                        row.copies());
        sampler.source().add(row.id());
        samplers.put(row.id(), sampler);
    }

    private Optional<Source> held(String name, Base base) {
        return checkpoints
                .again(name)
                .map(pin ->
                        new Source(new Held(new Weights.Adapted(base, pin.folder()), pin::close)));
    }

    /// Makes the session's sampler number `number`, which draws from `base` as it is; or returns
    /// the one that is there.
    ///
    /// @throws IllegalArgumentException if that one draws from something else
    public Sampler ofBase(Owner owner, SessionId session, long number, Base base) {
        return open(
                SamplerId.of(session, number),
                owner,
                session,
                Optional.empty(),
                Optional.empty(),
                () -> new Source(new Held(new Weights.Plain(base), () -> {})));
    }

    /// Makes the session's sampler number `number`, which draws from `checkpoint`; or returns the
    /// one that is there.
    ///
    /// @param base the checkpoint's base model
    /// @throws IllegalArgumentException if that one draws from something else
    public Sampler ofCheckpoint(
            Owner owner, SessionId session, long number, Base base, Checkpoint checkpoint) {
        return open(
                SamplerId.of(session, number),
                owner,
                session,
                Optional.of(checkpoint.path()),
                Optional.empty(),
                () -> {
                    Pin pin = checkpoints.pin(checkpoint);
                    checkpoints.wasRead(owner, checkpoint, Purpose.SAMPLING);
                    return new Source(
                            new Held(new Weights.Adapted(base, pin.folder()), pin::close));
                });
    }

    /// The job that saves `run` for sampling without a name, as the session's sampler number
    /// `number`, which is there once the job is done.
    public Job snapshot(Run run, long number, SnapshotKind kind) {
        return new Snapshot(this, checkpoints, run, SamplerId.of(run.session(), number), kind);
    }

    /// The name of the sampler that [#snapshot] makes.
    public SamplerId named(Run run, long number) {
        return SamplerId.of(run.session(), number);
    }

    /// A number for one more copy of the client that opened `sampler`.
    public long join(Sampler sampler) {
        long number = sampler.join();
        table.joined(sampler.id(), number);
        return number;
    }

    /// Whether there is such a sampler of this owner's.
    synchronized boolean isThere(Owner owner, SamplerId id) {
        return Optional.ofNullable(samplers.get(id))
                .filter(sampler -> sampler.owner().equals(owner))
                .isPresent();
    }

    /// The caller's sampler.
    ///
    /// @throws MissingException if there is none of the caller's
    public synchronized Sampler find(Owner owner, SamplerId id) {
        return Optional.ofNullable(samplers.get(id))
                .filter(sampler -> sampler.owner().equals(owner))
                .orElseThrow(() -> missing(id));
    }

    /// The names of a session's samplers, as long as they can be drawn from.
    public synchronized List<SamplerId> ofSession(SessionId session) {
        return samplers.values().stream()
                .filter(sampler -> sampler.session().equals(session))
                .map(Sampler::id)
                .sorted(Comparator.comparing(SamplerId::value))
                .toList();
    }

    /// Promises a sample, or returns what was promised under the same number.
    ///
    /// @param letter what it came with; empty if nobody needs to know it after this process
    /// @param asked makes the sample from the weights as they are now
    /// @throws dev.tinsmith.server.queue.BusyException if too many samples wait
    public FutureId draw(
            Sampler sampler,
            long sequence,
            Optional<Letter> letter,
            Function<Weights, Sample> asked) {
        if (sequence < 0) {
            throw new IllegalArgumentException(
                    "seq_id is %d; it must be at least 0".formatted(sequence));
        }
        FutureId id = sampler.id().sample(sequence);
        Held held = sampler.source().take().orElseThrow(() -> missing(sampler.id()));
        Sample sample;
        try {
            sample = asked.apply(held.weights());
        } catch (RuntimeException refused) {
            held.letGo();
            throw refused;
        }
        samples.draw(
                new Samples.Order(
                        id,
                        sequence,
                        sampler.subject(),
                        letter,
                        sampler.reader(sequence),
                        held::letGo),
                sample);
        return id;
    }

    /// Ends a sample that nobody wants any more.
    ///
    /// @return whether there is such a sample and it was not finished
    public boolean abandon(FutureId sample) {
        return samples.abandon(sample);
    }

    /// Closes the samplers of a session that is over; samples under way still end.
    public synchronized void closeAll(SessionId session) {
        closed.add(session);
        if (closed.size() > REMEMBERED) {
            closed.removeFirst();
        }
        table.remove(session);
        for (Sampler sampler : List.copyOf(samplers.values())) {
            if (sampler.session().equals(session)) {
                samplers.remove(sampler.id());
                if (sampler.source().remove(sampler.id())) {
                    inflight.values().remove(sampler.source());
                }
            }
        }
    }

    /// Takes what a snapshot job saved in `folder`, or throws it away if nobody is left to draw.
    ///
    /// @throws EngineException if the sampler is there already
    synchronized void publish(SamplerId id, Run run, SnapshotKind kind, Path folder) {
        if (samplers.containsKey(id) || closed.contains(run.session())) {
            checkpoints.discard(folder);
            throw new EngineException(
                    Fault.USER,
                    "sampling session '%s' exists already or its session is over".formatted(id));
        }
        Pin pin = checkpoints.hold(folder);
        Held fresh = new Held(new Weights.Adapted(run.base(), pin.folder()), pin::close);
        switch (kind) {
            case SNAPSHOT -> open(id, run, Optional.empty(), new Source(fresh));
            case INFLIGHT -> {
                Optional<Source> shared = Optional.ofNullable(inflight.get(run.id()));
                Source source = shared.orElseGet(() -> new Source(fresh));
                inflight.put(run.id(), source);
                table.publish(run.id(), checkpoints.nameOf(pin.folder()));
                shared.ifPresent(there -> there.publish(fresh));
                open(id, run, Optional.of(run.id()), source);
            }
        }
    }

    private void open(SamplerId id, Run run, Optional<RunId> shared, Source source) {
        Sampler _ = open(id, run.owner(), run.session(), Optional.empty(), shared, () -> source);
    }

    private synchronized Sampler open(
            SamplerId id,
            Owner owner,
            SessionId session,
            Optional<CheckpointPath> path,
            Optional<RunId> shared,
            Supplier<Source> source) {
        Optional<Sampler> known = Optional.ofNullable(samplers.get(id));
        if (known.isPresent()) {
            return same(
                    known.filter(found -> found.owner().equals(owner))
                            .orElseThrow(() -> missing(id)),
                    path);
        }
        Sampler sampler = new Sampler(id, owner, session, path, source.get(), 0);
        table.add(
                new SamplerTable.Row(
                        id,
                        owner,
                        session,
                        sampler.base().name(),
                        path,
                        folder(sampler),
                        shared,
                        0));
        sampler.source().add(id);
        samplers.put(id, sampler);
        return sampler;
    }

    private Optional<String> folder(Sampler sampler) {
        return switch (sampler.source().newest().weights()) {
            case Weights.Plain _ -> Optional.empty();
            case Weights.Adapted(Base _, Path folder) -> Optional.of(checkpoints.nameOf(folder));
        };
    }

    private static Sampler same(Sampler found, Optional<CheckpointPath> path) {
        if (!found.path().equals(path)) {
            throw new IllegalArgumentException(
                    "sampling_session_seq_id of '%s' was used for other weights; number this sampler anew"
                            .formatted(found.id()));
        }
        return found;
    }

    private static MissingException missing(SamplerId id) {
        return new MissingException("there is no sampling session '%s'".formatted(id));
    }
}
