package dev.tinsmith.engine;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// What came of a piece of work or of a sample.
public sealed interface Outcome {

    /// It was done, and there is nothing to tell.
    record Done() implements Outcome {}

    /// A pass was computed.
    ///
    /// @param logprobs for each datum, in order, N × K log-probabilities of its targets
    /// @param metrics by `name:reduction`; always holds `loss:sum`
    record Passed(List<Floats> logprobs, SortedMap<String, Double> metrics) implements Outcome {
        public Passed {
            logprobs = List.copyOf(logprobs);
            metrics = Collections.unmodifiableSortedMap(new TreeMap<>(metrics));
        }
    }

    /// The optimizer took a step.
    ///
    /// @param gradNorm the global norm of the gradient before clipping
    record Stepped(double gradNorm) implements Outcome {}

    /// The run was read from a checkpoint that holds an adapter of this shape.
    record Loaded(LoraSpec lora) implements Outcome {}

    /// A sample was drawn, and its prompt scored as it asked.
    ///
    /// @param cached how many of the prompt's tokens had been computed before, or were for others
    record Sampled(List<Sequence> sequences, Scored prompt, int cached) implements Outcome {
        public Sampled {
            sequences = List.copyOf(sequences);
        }
    }

    /// It could not be done; the run is as it was before.
    record Failed(Fault fault, String reason) implements Outcome {}

    /// One continuation.
    ///
    /// @param logprobs the model's own log-probability of each token, whatever the temperature
    /// @param stopped whether a stop ended it; otherwise it ran out of room
    record Sequence(Tokens tokens, Floats logprobs, boolean stopped, Optional<TopTokens> top) {}

    /// What was found out about a prompt; empty where nothing was asked.
    ///
    /// @param logprobs one value per prompt token, NaN where none was asked for and at 0
    /// @param targets those of the tokens asked about, in the order of asking; 0 where a cell asked
    ///   for nothing
    record Scored(
            Optional<Floats> logprobs,
            Optional<TopTokens> top,
            Optional<Floats> targets,
            Optional<Alternatives> alternatives) {
        /// Nothing was asked.
        public static final Scored NONE =
                new Scored(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    /// The likeliest tokens of each of `length` positions, likeliest first: `length` × `k`,
    /// row-major. A row that was not computed holds id 0 and −99999 throughout.
    record TopTokens(int k, int length, Tokens ids, Floats logprobs) {
        /// The log-probability that marks a cell nobody computed.
        public static final float ABSENT = -99999f;
    }

    /// Tokens drawn in place of each token of a prompt after the first: as many rows of `k`,
    /// row-major, in the order of drawing.
    ///
    /// @param logprobs the model's own log-probability of each, whatever the temperature
    record Alternatives(int k, Tokens ids, Floats logprobs) {}
}
