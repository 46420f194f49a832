package dev.tinsmith.server.checkpoint;

import dev.tinsmith.engine.LoraSpec;
import dev.tinsmith.engine.format.AgeRecipient;
import dev.tinsmith.server.future.Owner;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// What is to be kept, under which name, for how long.
///
/// @param overwrite whether a checkpoint that is already there gives way
/// @param metadata what the client says of the checkpoint
/// @param timeToLive from the moment it is stored; empty: for ever
/// @param run what is known of the run it is saved from
/// @param recipients whom the files are encrypted for; none: they are not
public record SaveOrder(
        CheckpointPath path,
        Owner owner,
        String baseModel,
        LoraSpec lora,
        boolean overwrite,
        SortedMap<String, String> metadata,
        Optional<Duration> timeToLive,
        Checkpoint.Origin run,
        List<AgeRecipient> recipients) {
    public SaveOrder {
        recipients = List.copyOf(recipients);
        metadata = Collections.unmodifiableSortedMap(new TreeMap<>(metadata));
        if (timeToLive.filter(ttl -> !ttl.isPositive()).isPresent()) {
            throw new IllegalArgumentException("a checkpoint lives for some time, or for ever");
        }
    }

    /// The same, with its files encrypted for `readers` and nobody else.
    public SaveOrder encryptedFor(List<AgeRecipient> readers) {
        return new SaveOrder(
                path, owner, baseModel, lora, overwrite, metadata, timeToLive, run, readers);
    }
}
