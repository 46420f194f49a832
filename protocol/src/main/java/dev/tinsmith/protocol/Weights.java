package dev.tinsmith.protocol;

import java.util.List;
import java.util.Optional;

/// Adapters come to rest, and back.
public final class Weights {
    private Weights() {}

    /// All that training needs to go on.
    @Envelope
    public record Save(
            String modelId,
            String path,
            long seqId,
            Optional<Long> ttlSeconds,
            Optional<Boolean> overwrite,
            Optional<Metadata> userMetadata) {}

    /// What sampling needs: under a name, or, without `path`, for the length of the session.
    ///
    /// @param kind `snapshot` or `inflight`
    @Envelope
    public record SaveForSampler(
            String modelId,
            Optional<String> path,
            Optional<Long> samplingSessionSeqId,
            Optional<String> kind,
            long seqId,
            Optional<Long> ttlSeconds,
            Optional<Metadata> userMetadata) {}

    /// What PEFT reads.
    @Envelope
    public record SaveExternal(
            String modelId,
            String path,
            long seqId,
            Optional<Long> ttlSeconds,
            Optional<List<String>> ageEncryptionRecipients) {}

    /// Into a run (`modelId`, `seqId`), or as a new one (`sessionId`, `modelSeqId`).
    @Envelope
    public record Load(
            String path,
            boolean optimizer,
            Optional<String> modelId,
            Optional<Long> seqId,
            Optional<String> sessionId,
            Optional<Integer> modelSeqId,
            Optional<String> baseModel,
            Optional<Metadata> userMetadata,
            Optional<Models.OptimizerConfig> optimizerConfig,
            Optional<String> weightsAccessToken) {}

    /// Where it lies now.
    public record Saved(String path, Optional<Long> sizeBytes) {}

    /// A sampler whose weights will not change.
    public record SavedForSession(String samplingSessionId) {}

    /// Where it came from.
    public record Loaded(String path, String modelId, String type) {
        public Loaded(String path, String modelId) {
            this(path, modelId, "load_weights");
        }
    }

    /// Gives a checkpoint a second life.
    ///
    /// @param weightsAccessToken clients send it in a header
    @Envelope
    public record Copy(
            String sourcePath,
            Optional<String> destinationProjectId,
            Optional<String> sessionId,
            Optional<Long> modelSeqId,
            Optional<Long> ttlSeconds,
            Optional<String> weightsAccessToken) {}

    /// Where the copy is.
    public record Copied(String tinkerPath) {}

    /// Asks about a checkpoint.
    @Envelope
    public record InfoRequest(String tinkerPath) {}

    /// All about a checkpoint.
    public record Info(
            String baseModel,
            boolean isLora,
            int loraRank,
            boolean trainUnembed,
            boolean trainMlp,
            boolean trainAttn,
            Models.Optimizer optimizerConfig) {}
}
