package dev.tinsmith.server.checkpoint;

import dev.tinsmith.engine.LoraSpec;
import dev.tinsmith.server.future.Owner;
import java.time.Duration;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// What is to be kept, under which name, for how long.
///
/// @param overwrite whether a checkpoint that is already there gives way
/// @param metadata what the client says of the checkpoint
/// @param timeToLive from the moment it is stored; empty: for ever
/// @param run what is known of the run it is saved from
public record SaveOrder(
        CheckpointPath path,
        Owner owner,
        String baseModel,
        LoraSpec lora,
        boolean overwrite,
        SortedMap<String, String> metadata,
        Optional<Duration> timeToLive,
        Checkpoint.Origin run) {
    public SaveOrder {
        metadata = Collections.unmodifiableSortedMap(new TreeMap<>(metadata));
        if (timeToLive.filter(ttl -> !ttl.isPositive()).isPresent()) {
            throw new IllegalArgumentException("a checkpoint lives for some time, or for ever");
        }
    }
}
