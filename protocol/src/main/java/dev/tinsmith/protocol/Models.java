package dev.tinsmith.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/// Training runs come into being; the client calls them models.
public final class Models {
    private Models() {}

    /// A new run with a fresh adapter.
    @Envelope
    public record Create(
            String sessionId,
            int modelSeqId,
            String baseModel,
            Optional<Metadata> userMetadata,
            Optional<LoraConfig> loraConfig,
            Optional<OptimizerConfig> optimizerConfig) {}

    /// What the adapter adapts. An unknown key is refused.
    ///
    /// @param seed any integer; only its low 64 bits count
    public record LoraConfig(
            Optional<Integer> rank,
            Optional<Sampling.Seed> seed,
            Optional<Boolean> trainUnembed,
            Optional<Boolean> trainMlp,
            Optional<Boolean> trainAttn) {
        /// Every default.
        public static final LoraConfig DEFAULT =
                new LoraConfig(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty());
    }

    /// Which optimizer, and the names of the settings that came with it.
    public record OptimizerConfig(String type, SortedSet<String> settings) {
        /// The default.
        public static final OptimizerConfig ADAMW =
                new OptimizerConfig("adamw", Collections.emptySortedSet());

        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        static OptimizerConfig read(Map<String, JsonNode> written) {
            String type =
                    Optional.ofNullable(written.get("type"))
                            .filter(JsonNode::isString)
                            .map(JsonNode::stringValue)
                            .orElseThrow(() ->
                                    new IllegalArgumentException(
                                            "has no type; write {\"type\": \"adamw\"}"));
            SortedSet<String> settings = new TreeSet<>(written.keySet());
            settings.remove("type");
            return new OptimizerConfig(type, Collections.unmodifiableSortedSet(settings));
        }
    }

    /// The run is there.
    public record Created(String modelId, String type) {
        public Created(String modelId) {
            this(modelId, "create_model");
        }
    }

    /// Asks about a run.
    @Envelope
    public record InfoRequest(String modelId) {}

    /// All about a run.
    public record Info(
            Facts modelData,
            String modelId,
            boolean isLora,
            int loraRank,
            String modelName,
            Optimizer optimizerConfig,
            String type) {

        /// What it stands on.
        public record Facts(String arch, String modelName, String tokenizerId) {}
    }

    /// An optimizer, by name.
    public record Optimizer(String type) {
        /// The one this server has.
        public static final Optimizer ADAMW = new Optimizer("adamw");
    }
}
