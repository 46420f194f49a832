package dev.tinsmith.protocol;

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
    @Envelope
    public record Retrieve(String requestId, Optional<Boolean> allowMetadataOnly) {}

    /// Not yet.
    ///
    /// @param queueStateReason what it waits for, if it is not under way
    public record TryAgain(
            String type, String requestId, String queueState, Optional<String> queueStateReason) {
        /// The work is under way.
        public static TryAgain active(String requestId) {
            return new TryAgain("try_again", requestId, "active", Optional.empty());
        }

        /// The work is in line.
        public static TryAgain paused(String requestId, String reason) {
            return new TryAgain("try_again", requestId, "paused_capacity", Optional.of(reason));
        }
    }

    /// It is there, and so large.
    public record CompleteMetadata(String status, long responsePayloadSize) {
        /// A result of `bytes` bytes.
        public static CompleteMetadata of(long bytes) {
            return new CompleteMetadata("complete_metadata", bytes);
        }
    }

    /// Asks which of the samples that one client drew from a sampler are finished.
    ///
    /// @param prevCursor the cursor of the answer before; what that told of need not be told again
    /// @param timeout how many seconds to wait for the first of them; absent: as long as the server
    ///   likes
    /// @param retrievedRequestIds results that have arrived, and need not be kept
    @Envelope
    public record RetrieveAll(
            Target target,
            Optional<Long> prevCursor,
            Optional<Double> timeout,
            Optional<List<String>> retrievedRequestIds) {

        /// Whose samples.
        ///
        /// @param type `sampling_session` is the only one there is
        /// @param clonedSamplerId which copy of the client
        @Envelope
        public record Target(
                Optional<String> type, String samplingSessionId, Optional<Long> clonedSamplerId) {}
    }

    /// Those that are finished.
    public record Completions(List<Completion> completions, long cursor) {}

    /// One that is finished.
    ///
    /// @param state `finished` or `failed`
    public record Completion(
            String state, String requestId, Optional<Long> responsePayloadUncompressedSize) {}

    /// Nobody wants it any more.
    @Envelope
    public record Cancel(String requestId) {}

    /// It could not be done.
    ///
    /// @param category whose turn it is: `user` or `server`
    public record Failed(String error, String category) {}
}
