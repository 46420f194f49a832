package dev.tinsmith.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// Text comes out.
public final class Sampling {
    private Sampling() {}

    /// Opens a sampler on a base model, or on the weights that `modelPath` names.
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record CreateSession(
            String sessionId,
            long samplingSessionSeqId,
            Optional<String> baseModel,
            Optional<String> modelPath) {}

    /// The sampler is open.
    public record SessionCreated(String samplingSessionId, String type) {
        public SessionCreated(String samplingSessionId) {
            this(samplingSessionId, "create_sampling_session");
        }
    }

    /// What a sampler draws from.
    public record Sampler(String samplerId, String baseModel, Optional<String> modelPath) {}

    /// Draws `numSamples` continuations, and perhaps scores the prompt. An unknown key is refused.
    ///
    /// @param type,baseModel,modelPath said by some clients, implied by the session
    public record Sample(
            String samplingSessionId,
            long seqId,
            int numSamples,
            ModelInput prompt,
            Params samplingParams,
            Optional<Boolean> promptLogprobs,
            Optional<Integer> promptLogprobsLastN,
            Optional<Integer> topkPromptLogprobs,
            Optional<Integer> topkSampleLogprobs,
            Optional<Integer> promptAltTokensK,
            Optional<Map<String, JsonNode>> targetPromptLogprobs,
            Optional<Boolean> recordStabilityInfo,
            Optional<String> type,
            Optional<String> baseModel,
            Optional<String> modelPath) {}

    /// How to draw. An unknown key is refused.
    public record Params(
            Optional<Integer> maxTokens,
            Optional<Seed> seed,
            Optional<Stop> stop,
            Optional<Double> temperature,
            Optional<Integer> topK,
            Optional<Double> topP) {}

    /// A seed, however many digits the client wrote it with.
    ///
    /// @param value its low 64 bits
    public record Seed(long value) {
        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        static Seed read(BigInteger written) {
            return new Seed(written.longValue());
        }
    }

    /// What ends a sample, when the client says so itself.
    public sealed interface Stop {

        /// An empty list: nothing ends it, not even the end-of-text token.
        record Never() implements Stop {}

        /// Any of these texts.
        record Texts(List<String> texts) implements Stop {
            public Texts {
                texts = List.copyOf(texts);
            }
        }

        /// Any of these tokens.
        record TokenIds(List<Integer> ids) implements Stop {
            public TokenIds {
                ids = List.copyOf(ids);
            }
        }

        /// A string, a list of strings, or a list of token ids.
        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        static Stop read(JsonNode written) {
            if (written.isString()) {
                return texts(List.of(written.stringValue()));
            }
            if (written.isArray() && written.isEmpty()) {
                return new Never();
            }
            List<JsonNode> values = new ArrayList<>(written.values());
            if (written.isArray() && values.stream().allMatch(JsonNode::isString)) {
                return texts(values.stream().map(JsonNode::stringValue).toList());
            }
            if (written.isArray() && values.stream().allMatch(JsonNode::canConvertToInt)) {
                return new TokenIds(values.stream().map(JsonNode::intValue).toList());
            }
            throw new IllegalArgumentException(
                    "must be a string, a list of strings, or a list of token ids");
        }

        private static Stop texts(List<String> texts) {
            if (texts.contains("")) {
                throw new IllegalArgumentException(
                        "holds an empty string, which would end every sample at once; leave it out");
            }
            return new Texts(texts);
        }
    }
}
