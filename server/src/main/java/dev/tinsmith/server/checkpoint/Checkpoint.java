package dev.tinsmith.server.checkpoint;

import dev.tinsmith.engine.LoraSpec;
import dev.tinsmith.server.future.Owner;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/// One checkpoint that is there, whole.
///
/// @param id unique among all checkpoints there ever were, unlike its path, which may be used again
/// @param folder where its files are now; the path may be overwritten or deleted at any time, so
///   whoever reads it for longer asks [Checkpoints#pin]
/// @param size the bytes of all its files
/// @param metadata what the client said of it
/// @param expires when it vanishes; empty: never
/// @param isPublic whether everybody on this server may read it
/// @param run what is known of the run it came from, which may be long gone
public record Checkpoint(
        String id,
        CheckpointPath path,
        Path folder,
        Owner owner,
        String baseModel,
        LoraSpec lora,
        Instant time,
        long size,
        SortedMap<String, String> metadata,
        Optional<Instant> expires,
        boolean isPublic,
        Origin run) {
    public Checkpoint {
        metadata = Collections.unmodifiableSortedMap(new TreeMap<>(metadata));
    }

    /// Whether it is no longer there at `now`, though its files may be.
    public boolean isExpired(Instant now) {
        return expires.filter(end -> !end.isAfter(now)).isPresent();
    }

    Checkpoint stored(Path place, long bytes) {
        return new Checkpoint(
                id, path, place, owner, baseModel, lora, time, bytes, metadata, expires, isPublic,
                run);
    }

    Checkpoint expiring(Optional<Instant> end) {
        return new Checkpoint(
                id, path, folder, owner, baseModel, lora, time, size, metadata, end, isPublic, run);
    }

    /// The same files as another checkpoint, which lives for as long as it is told to.
    Checkpoint copied(
            Owner into, CheckpointPath place, Instant now, Optional<Duration> timeToLive) {
        return new Checkpoint(
                UUID.randomUUID().toString(),
                place,
                folder,
                into,
                baseModel,
                lora,
                now,
                size,
                metadata,
                timeToLive.map(now::plus),
                false,
                run);
    }

    Checkpoint published(boolean now) {
        return new Checkpoint(
                id, path, folder, owner, baseModel, lora, time, size, metadata, expires, now, run);
    }

    /// The run a checkpoint came from.
    ///
    /// @param metadata what the client said of the run
    /// @param sequence the number of the work that saved it; empty if nobody asked for it there
    public record Origin(
            Instant created, SortedMap<String, String> metadata, Optional<Long> sequence) {
        public Origin {
            metadata = Collections.unmodifiableSortedMap(new TreeMap<>(metadata));
        }
    }
}
