package dev.tinsmith.protocol;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.List;
import java.util.Optional;

/// Answers that come later.
public final class Futures {
    private Futures() {}

    /// What every submitted piece of work is answered with at once.
    ///
    /// @param sampleSequenceIds for samples only: one name for each sequence to come
    public record Promised(
            String requestId, Optional<String> modelId, Optional<List<String>> sampleSequenceIds) {
        /// A promise about a run.
        public static Promised of(String requestId, String modelId) {
            return new Promised(requestId, Optional.of(modelId), Optional.empty());
        }
    }

    /// Asks for what was promised.
    ///
    /// @param allowMetadataOnly whether a large result may be announced by its size first
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Retrieve(String requestId, Optional<Boolean> allowMetadataOnly) {}

    /// Not yet.
    public record TryAgain(String type, String requestId, String queueState) {
        /// The work is on its way.
        public static TryAgain active(String requestId) {
            return new TryAgain("try_again", requestId, "active");
        }
    }

    /// It is there, and so large.
    public record CompleteMetadata(String status, long responsePayloadSize) {
        /// A result of `bytes` bytes.
        public static CompleteMetadata of(long bytes) {
            return new CompleteMetadata("complete_metadata", bytes);
        }
    }

    /// It could not be done.
    ///
    /// @param category whose turn it is: `user` or `server`
    public record Failed(String error, String category) {}
}
