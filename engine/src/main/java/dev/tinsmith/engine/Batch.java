package dev.tinsmith.engine;

import dev.tinsmith.engine.tensor.Table;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// The examples of one pass, in the order in which their outputs go back.
public record Batch(List<Datum> data) {
    public Batch {
        data = List.copyOf(data);
        if (data.isEmpty()) {
            throw new IllegalArgumentException("data is empty; a batch has at least one datum");
        }
    }

    /// How many input tokens the batch holds.
    public int tokens() {
        return data.stream().mapToInt(datum -> datum.tokens().length()).sum();
    }

    /// One sequence, and what the loss needs beside it.
    ///
    /// @param tokens the input, N tokens, N ≥ 1
    /// @param targets N × `width` token ids, row-major; row i concerns the token after input i
    /// @param width K, the number of candidate targets per position; 1 for the ordinary case
    /// @param inputs the loss's other inputs by wire name (`weights`, `advantages`, …), each of N ×
    ///   K or N values
    /// @param tables what a loss of the client's own reads instead, targets included, in whatever
    ///   shape each has
    public record Datum(
            Tokens tokens,
            Tokens targets,
            int width,
            SortedMap<String, Floats> inputs,
            SortedMap<String, Table> tables) {
        public Datum {
            inputs = Collections.unmodifiableSortedMap(new TreeMap<>(inputs));
            tables = Collections.unmodifiableSortedMap(new TreeMap<>(tables));
            if (tokens.length() == 0) {
                throw new IllegalArgumentException("model_input is empty; it needs a token");
            }
            if (width < 1 || targets.length() != tokens.length() * width) {
                throw new IllegalArgumentException(
                        "target_tokens has %d values for %d input tokens; it needs one row of the same width for each"
                                .formatted(targets.length(), tokens.length()));
            }
        }

        /// A datum for one of the protocol's losses.
        public Datum(Tokens tokens, Tokens targets, int width, SortedMap<String, Floats> inputs) {
            this(tokens, targets, width, inputs, new TreeMap<>());
        }

        /// The input called `name`, if the client sent it.
        public Optional<Floats> input(String name) {
            return Optional.ofNullable(inputs.get(name));
        }
    }
}
