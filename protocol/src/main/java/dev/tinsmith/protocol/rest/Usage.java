package dev.tinsmith.protocol.rest;

import dev.tinsmith.protocol.Metadata;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;

/// What was used, hour by hour, and what is stored now. Prices are absent where there are none.
public final class Usage {
    private Usage() {}

    /// What was used in a stretch of time.
    ///
    /// @param sessions what is known of each session that `data` names
    public record Events(List<Event> data, SortedMap<String, Session> sessions) {}

    /// A session's side of the account.
    public record Session(Metadata userMetadata) {}

    /// One kind of use in one hour.
    ///
    /// @param bucketEnd not in it
    /// @param sessionId absent for what is stored
    public record Event(
            Instant bucketStart,
            Instant bucketEnd,
            Optional<String> baseModel,
            String userId,
            String userName,
            Optional<String> sessionId,
            String projectId,
            Info eventInfo) {}

    /// How much of it.
    ///
    /// @param type `training`, `sampling_prefill`, `sampling_sample`, `checkpoint` or `storage`
    /// @param cached of `sampling_prefill`: whether the tokens had been read before
    public record Info(
            String type,
            Optional<Long> tokenCount,
            Optional<Boolean> cached,
            Optional<Long> count,
            OptionalDouble gigabyteHours) {}

    /// What is stored now.
    public record Storage(List<StorageItem> data) {}

    /// What one owner stores.
    public record StorageItem(
            String projectId,
            String orgUserUrn,
            String userEmail,
            String userName,
            int checkpointCount,
            long sizeBytes,
            double sizeGigabytes) {}
}
