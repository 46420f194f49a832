package dev.tinsmith.server.metering;

import dev.tinsmith.engine.RunId;
import dev.tinsmith.server.checkpoint.Checkpoint;
import dev.tinsmith.server.checkpoint.CheckpointEvent;
import dev.tinsmith.server.future.Owner;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/// Counts what was used, by the hour, in memory: since this process started, or for as long as
/// anybody may ask. Any thread may count.
///
/// A request is counted when it has been done, and once however often it was sent. What failed is
/// not counted.
public final class Meter {
    /// How far back clients may ask, and a day.
    private static final Duration MEMORY = Duration.ofDays(15);

    /// How many counts are kept; the oldest hours are forgotten first.
    private static final int MOST = 200_000;

    private final InstantSource clock;
    private final ConcurrentSkipListMap<Key, LongAdder> counts = new ConcurrentSkipListMap<>();

    public Meter(InstantSource clock) {
        this.clock = clock;
    }

    /// Counts what the engine did.
    public void count(Operation done) {
        if (done.failed()) {
            return;
        }
        switch (done.kind()) {
            case FORWARD_BACKWARD -> add(done, Use.TRAINING, done.read());
            case FORWARD -> add(done, Use.PREFILL, done.read());
            case SAMPLE -> {
                add(done, Use.PREFILL, done.read() - done.cached());
                add(done, Use.CACHED_PREFILL, done.cached());
                add(done, Use.SAMPLED, done.written());
            }
            case OPEN, OPTIM_STEP, SAVE, LOAD, CLOSE -> {}
        }
    }

    /// Counts a checkpoint that was made.
    public void count(CheckpointEvent event) {
        switch (event.what()) {
            case CheckpointEvent.Created _, CheckpointEvent.Copied _ -> {
                Checkpoint made = event.checkpoint();
                add(
                        new Key(
                                Bucket.hourOf(event.at()),
                                Use.CHECKPOINTS,
                                made.owner().value(),
                                session(made.path().run()).orElse(""),
                                made.baseModel()),
                        1);
            }
            case CheckpointEvent.Read _,
                    CheckpointEvent.Kept _,
                    CheckpointEvent.Published _,
                    CheckpointEvent.Gone _ -> {}
        }
    }

    private void add(Operation done, Use use, long amount) {
        Subject subject = done.subject();
        add(
                new Key(
                        Bucket.hourOf(done.ended()),
                        use,
                        subject.owner().value(),
                        subject.session(),
                        subject.baseModel()),
                amount);
    }

    private void add(Key key, long amount) {
        if (amount > 0) {
            counts.computeIfAbsent(key, _ -> new LongAdder()).add(amount);
        }
    }

    /// What `owner` used in the hours that begin in a stretch of time, hour by hour.
    public List<Bucket> between(Owner owner, Instant from, Instant until) {
        return counts.tailMap(Key.first(from)).headMap(Key.first(until)).entrySet().stream()
                .filter(count -> count.getKey().owner().equals(owner.value()))
                .map(Meter::bucket)
                .toList();
    }

    private static Bucket bucket(Map.Entry<Key, LongAdder> count) {
        Key key = count.getKey();
        return new Bucket(
                key.hour(),
                key.use(),
                new Owner(key.owner()),
                Optional.of(key.session()).filter(session -> !session.isEmpty()),
                key.baseModel(),
                count.getValue().sum());
    }

    /// Forgets what is too old to be asked for; to be called now and then.
    public void sweep() {
        counts.headMap(Key.first(clock.instant().minus(MEMORY))).clear();
        for (int over = counts.size() - MOST; over > 0; over--) {
            counts.pollFirstEntry();
        }
    }

    /// The session that made `run`; a copy's has none.
    private static Optional<String> session(RunId run) {
        int end = run.value().indexOf(":train:");
        return end < 0 ? Optional.empty() : Optional.of(run.value().substring(0, end));
    }
}
