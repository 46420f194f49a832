package dev.tinsmith.protocol;

import java.util.List;
import java.util.Optional;

/// The visit itself: configuration, session, capabilities.
public final class Service {
    private Service() {}

    /// What a client asks before anything else.
    @Envelope
    public record ConfigRequest(Optional<String> sdkVersion) {}

    /// How clients should behave; whatever is absent has the client's own default.
    ///
    /// @param pjwtAuthEnabled whether they change their key for a token first
    /// @param parallelFwdbwdChunks whether the parts of one pass may arrive side by side
    /// @param protoCompressFwdbwd whether to pack them
    /// @param protoWriteFwdbwd whether to write them as protobuf, for clients that could do either
    /// @param usePyqwestTransport whether to speak HTTP through pyqwest rather than httpx
    /// @param customLossServerSide whether losses that clients write are uploaded
    /// @param sampleMaxConcurrentRequests how many samples one client keeps under way
    /// @param sampleUseRetrieveFutures whether to ask once for all samples of a sampler
    /// @param sampleJoinSamplingSession whether copies of a client ask for their numbers
    public record ClientConfig(
            boolean pjwtAuthEnabled,
            boolean parallelFwdbwdChunks,
            boolean protoCompressFwdbwd,
            boolean protoWriteFwdbwd,
            boolean usePyqwestTransport,
            boolean customLossServerSide,
            int sampleMaxConcurrentRequests,
            boolean sampleUseRetrieveFutures,
            boolean sampleJoinSamplingSession) {}

    /// What a client asks again from time to time.
    ///
    /// @param refreshIntervalSec when to ask again
    /// @param sampleCancelEnabled whether to take back samples that nobody waits for any more
    public record DynamicConfig(int refreshIntervalSec, boolean sampleCancelEnabled) {}

    /// Opens a session.
    @Envelope
    public record CreateSession(
            Optional<List<String>> tags,
            Optional<Metadata> userMetadata,
            Optional<String> sdkVersion,
            Optional<String> projectId,
            Optional<String> displayName) {}

    /// The session is open.
    public record SessionCreated(String sessionId, String type) {
        public SessionCreated(String sessionId) {
            this(sessionId, "create_session");
        }
    }

    /// The client is still there.
    @Envelope
    public record Heartbeat(String sessionId) {}

    /// It was heard.
    public record HeartbeatHeard(String type) {
        /// The one answer.
        public static final HeartbeatHeard YES = new HeartbeatHeard("session_heartbeat");
    }

    /// Ends a session.
    @Envelope
    public record Finish(Reason reason, Optional<String> detail) {

        /// Why.
        ///
        /// @param type `success`, `errored` or `interrupted`
        @Envelope
        public record Reason(String type) {}
    }

    /// What this server offers.
    public record Capabilities(List<Model> supportedModels) {

        /// One base model.
        public record Model(
                String modelName, int maxContextLength, boolean trainable, boolean sampleable) {}
    }

    /// Whether the server lives.
    ///
    /// @param ready whether its models are loaded too
    public record Health(String status, boolean ready) {}

    /// A token in place of a key.
    public record Token(String jwt) {}

    /// Whose key this is.
    public record KeyOwner(long keyId, String name, String note, Details details) {

        /// Who stands behind it.
        public record Details(Organisation orgDetails, User userDetails) {}

        /// The organisation.
        public record Organisation(String name) {}

        /// The person.
        public record User(String email) {}
    }
}
