package dev.tinsmith.protocol;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/// What there is: runs, and the checkpoints they left.
public final class Rest {
    private Rest() {}

    /// Which part of a list this is.
    public record Cursor(int offset, int limit, int totalCount) {}

    /// A training run.
    public record TrainingRun(
            String trainingRunId,
            String baseModel,
            String modelOwner,
            boolean isLora,
            boolean corrupted,
            int loraRank,
            Instant lastRequestTime,
            Optional<Checkpoint> lastCheckpoint,
            Optional<Checkpoint> lastSamplerCheckpoint,
            Metadata userMetadata) {}

    /// A page of them.
    public record TrainingRuns(List<TrainingRun> trainingRuns, Cursor cursor) {}

    /// Something saved.
    ///
    /// @param checkpointType `training`, `sampler` or `external`
    public record Checkpoint(
            String checkpointId,
            String checkpointType,
            Instant time,
            String tinkerPath,
            long sizeBytes,
            @JsonProperty("public") boolean isPublic,
            Metadata userMetadata,
            Optional<Instant> expiresAt) {}

    /// A page of them.
    public record Checkpoints(List<Checkpoint> checkpoints, Cursor cursor) {}

    /// How long a checkpoint is kept from now on; without a number: for good.
    @Envelope
    public record TimeToLive(Optional<Long> ttlSeconds) {}

    /// Where the files of an external checkpoint can be fetched without a key, and until when.
    public record DownloadUrls(SortedMap<String, String> urls, Instant expires) {}

    /// Where a whole checkpoint can be fetched without a key, and until when.
    public record Archive(String url, Instant expires) {}

    /// Nothing to tell.
    public record Nothing() {}
}
