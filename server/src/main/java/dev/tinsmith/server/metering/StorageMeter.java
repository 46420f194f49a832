package dev.tinsmith.server.metering;

import dev.tinsmith.server.checkpoint.Checkpoint;
import dev.tinsmith.server.checkpoint.CheckpointEvent;
import dev.tinsmith.server.future.Owner;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;

/// How long which bytes have been stored: the size of each checkpoint times the time it was there,
/// to the millisecond. Those that are there at the start count from when they were made; those that
/// went before it are not known. Any thread may ask.
public final class StorageMeter {
    private static final Duration MEMORY = Duration.ofDays(15);

    /// How many checkpoints that are gone are remembered; the first that went are forgotten first.
    private static final int MOST = 100_000;

    private static final double GIGABYTE = 1e9;
    private static final double HOUR = Bucket.HOUR.toMillis();

    private final InstantSource clock;

    /// By the checkpoint's id; both are guarded by this.
    private final Map<String, Stay> there = new HashMap<>();

    private final SequencedMap<String, Stay> gone = new LinkedHashMap<>();

    public StorageMeter(InstantSource clock) {
        this.clock = clock;
    }

    /// Counts a checkpoint from when it was made.
    public synchronized void begin(Checkpoint checkpoint) {
        there.put(
                checkpoint.id(),
                new Stay(
                        checkpoint.owner(),
                        checkpoint.baseModel(),
                        checkpoint.size(),
                        checkpoint.time(),
                        Instant.MAX));
    }

    /// Follows what happens to a checkpoint.
    public void count(CheckpointEvent event) {
        switch (event.what()) {
            case CheckpointEvent.Created _, CheckpointEvent.Copied _ -> begin(event.checkpoint());
            case CheckpointEvent.Gone _ -> end(event.checkpoint(), event.at());
            case CheckpointEvent.Read _, CheckpointEvent.Kept _, CheckpointEvent.Published _ -> {}
        }
    }

    /// One that expired was gone at its end, whenever that was noticed.
    private synchronized void end(Checkpoint checkpoint, Instant noticed) {
        Instant end = checkpoint.expires().filter(noticed::isAfter).orElse(noticed);
        Optional.ofNullable(there.remove(checkpoint.id()))
                .ifPresent(stay -> gone.put(checkpoint.id(), stay.until(end)));
        while (gone.size() > MOST) {
            gone.pollFirstEntry();
        }
    }

    /// What `owner` stored in the hours that begin in a stretch of time, hour by hour and base by
    /// base, up to now.
    public synchronized List<Bucket> between(Owner owner, Instant from, Instant until) {
        Instant now = clock.instant();
        Map<String, List<Stay>> stays = new TreeMap<>();
        for (Map<String, Stay> some : List.of(gone, there)) {
            for (Stay stay : some.values()) {
                if (stay.owner().equals(owner)) {
                    stays.computeIfAbsent(stay.baseModel(), _ -> new ArrayList<>()).add(stay);
                }
            }
        }
        List<Bucket> buckets = new ArrayList<>();
        for (Instant hour = from;
                hour.isBefore(until) && hour.isBefore(now);
                hour = hour.plus(Bucket.HOUR)) {
            Instant begin = hour;
            Instant end = earlier(hour.plus(Bucket.HOUR), now);
            stays.forEach((base, all) -> {
                double amount = all.stream().mapToDouble(stay -> stay.within(begin, end)).sum();
                if (amount > 0) {
                    buckets.add(
                            new Bucket(begin, Use.STORAGE, owner, Optional.empty(), base, amount));
                }
            });
        }
        return buckets;
    }

    /// Forgets what is too old to be asked for; to be called now and then.
    public synchronized void sweep() {
        Instant oldest = clock.instant().minus(MEMORY);
        gone.values().removeIf(stay -> stay.until().isBefore(oldest));
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    private static Instant later(Instant one, Instant other) {
        return one.isBefore(other) ? other : one;
    }

    /// Bytes that were there from one instant to another.
    private record Stay(Owner owner, String baseModel, long bytes, Instant from, Instant until) {
        Stay until(Instant end) {
            return new Stay(owner, baseModel, bytes, from, end);
        }

        /// Gigabyte-hours of it that lie between two instants.
        double within(Instant begin, Instant end) {
            Duration time = Duration.between(later(begin, from), earlier(end, until));
            return time.isNegative() ? 0 : bytes / GIGABYTE * (time.toMillis() / HOUR);
        }
    }
}
