package dev.tinsmith.protocol.rest;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a client tells of itself.
public final class Telemetry {
    private Telemetry() {}

    /// A batch of events.
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Send(List<Map<String, Object>> events, Optional<String> sessionId) {}

    /// Thanks.
    public record Accepted(String status) {
        /// The one answer.
        public static final Accepted YES = new Accepted("accepted");
    }
}
