package dev.tinsmith.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// Text comes out.
public final class Sampling {
    private Sampling() {}

    /// Opens a sampler on a base model, or on the weights that `modelPath` names.
    @Envelope
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

    /// One more client draws from a sampler: a copy of the one that opened it.
    @Envelope
    public record Join(String samplingSessionId) {}

    /// It counts its samples from here, times a billion.
    public record Joined(int clientCounter) {}

    /// What a sampler draws from.
    public record Sampler(String samplerId, String baseModel, Optional<String> modelPath) {}

    /// Draws `numSamples` continuations, and perhaps scores the prompt. An unknown key is refused.
    ///
    /// @param promptLogprobs whether to return log P(token i | tokens before i) of the prompt
    /// @param promptLogprobsLastN only of so many tokens at the prompt's end, likeliest ones too
    /// @param topkPromptLogprobs how many of the likeliest tokens to return of each prompt position
    /// @param topkSampleLogprobs likewise of each token drawn
    /// @param promptAltTokensK how many alternatives to each token of the prompt after the first to
    ///   draw: independently, at the request's temperature, from all tokens there are
    /// @param targetPromptLogprobs which other tokens to score at the prompt's positions
    /// @param recordStabilityInfo whether to keep what the loss `stable_reinforce` reads
    /// @param type,baseModel,modelPath implied by the session; must not say otherwise
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
            Optional<Targets> targetPromptLogprobs,
            Optional<Boolean> recordStabilityInfo,
            Optional<String> type,
            Optional<String> baseModel,
            Optional<String> modelPath) {}

    /// Token ids to score in place of the prompt's own, a row for each of its tokens after the
    /// first: all cells of a table or, with indices, those that are listed. An unknown key is
    /// refused.
    ///
    /// @param data a cell of −1 asks for nothing
    /// @param dtype `int64`
    /// @param shape the table's rows and columns
    /// @param sparseCrowIndices where each row begins in `data`, and where the last one ends
    /// @param sparseColIndices the column of each of `data`, rising within a row
    public record Targets(
            Ints data,
            String dtype,
            List<Integer> shape,
            Optional<Ints> sparseCrowIndices,
            Optional<Ints> sparseColIndices) {
        public Targets {
            shape = List.copyOf(shape);
            if (!dtype.equals("int64")) {
                throw new IllegalArgumentException(
                        "has the dtype '%s'; token ids are int64".formatted(dtype));
            }
            if (shape.size() != 2 || shape.get(0) < 0 || shape.get(1) < 1) {
                throw new IllegalArgumentException(
                        "has the shape %s; it must be [prompt tokens - 1, K], with a K of at least 1"
                                .formatted(shape));
            }
            if (sparseCrowIndices.isPresent() != sparseColIndices.isPresent()) {
                throw new IllegalArgumentException(
                        "has one of sparse_crow_indices and sparse_col_indices; a sparse table has both, a dense one neither");
            }
            if (sparseCrowIndices.isPresent() && sparseColIndices.isPresent()) {
                checkSparse(shape, data.length(), sparseCrowIndices.get(), sparseColIndices.get());
            } else if ((long) shape.get(0) * shape.get(1) != data.length()) {
                throw new IllegalArgumentException(
                        "has %d values in the shape %s; a dense table has one for each cell"
                                .formatted(data.length(), shape));
            }
        }

        private static void checkSparse(
                List<Integer> shape, int values, Ints starts, Ints columns) {
            int rows = shape.get(0);
            if (starts.length() != rows + 1
                    || columns.length() != values
                    || starts.at(0) != 0
                    || starts.at(rows) != values) {
                throw new IllegalArgumentException(
                        "is sparse, and its row and column indices do not fit its %d values and shape %s"
                                .formatted(values, shape));
            }
            for (int row = 0; row < rows; row++) {
                int from = starts.at(row);
                int to = starts.at(row + 1);
                for (int i = from; i < to && to <= values; i++) {
                    int least = i == from ? 0 : columns.at(i - 1) + 1;
                    if (columns.at(i) < least || columns.at(i) >= shape.get(1)) {
                        throw outside(row, shape);
                    }
                }
                if (from > to || to > values) {
                    throw outside(row, shape);
                }
            }
        }

        private static IllegalArgumentException outside(int row, List<Integer> shape) {
            return new IllegalArgumentException(
                    "is sparse, and the indices of its row %d do not rise within the shape %s"
                            .formatted(row, shape));
        }

        /// How many rows the table has.
        public int rows() {
            return shape.getFirst();
        }

        /// Where row number `row` begins in the data; of the row after the last, where it ends.
        public int start(int row) {
            return sparseCrowIndices
                    .map(starts -> starts.at(row))
                    .orElseGet(() -> row * shape.getLast());
        }
    }

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
