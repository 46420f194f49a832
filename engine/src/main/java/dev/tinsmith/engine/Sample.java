package dev.tinsmith.engine;

import java.util.List;

/// One request to draw `count` continuations of a prompt, and perhaps to score the prompt itself.
///
/// @param count how many continuations, at least 1
/// @param score which log-probabilities of the prompt to return
/// @param topSampled how many of the likeliest tokens to return for each generated one; 0: none
public record Sample(
        Weights weights,
        Tokens prompt,
        int count,
        SamplingSpec spec,
        PromptScore score,
        int topSampled) {
    public Sample {
        if (prompt.length() == 0) {
            throw new IllegalArgumentException("prompt is empty; it needs a token");
        }
        if (count < 1) {
            throw new IllegalArgumentException(
                    "num_samples is %d; it must be at least 1".formatted(count));
        }
        if (!score.targets().isEmpty() && score.targets().size() != prompt.length() - 1) {
            throw new IllegalArgumentException(
                    "target_prompt_logprobs has %d rows; a prompt of %d tokens needs %d, one for each token after the first"
                            .formatted(
                                    score.targets().size(), prompt.length(), prompt.length() - 1));
        }
    }

    /// What to say of the prompt's own tokens. Position 0 has nothing before it, so nothing is ever
    /// said of it.
    ///
    /// @param logprobs whether to return log P(token i | tokens before i) at all
    /// @param lastN only the last so many positions, for `logprobs` and `topK`; [Integer#MAX_VALUE]
    ///   for all
    /// @param topK how many of the likeliest tokens to return for each position; 0: none
    /// @param targets the tokens to score in place of the prompt's own, element i at position i +
    ///   1; a token of [#NO_TARGET] asks for nothing; empty: none anywhere
    /// @param alternatives how many tokens to draw at each position, at the sample's temperature
    ///   and from the whole vocabulary; 0: none
    public record PromptScore(
            boolean logprobs, int lastN, int topK, List<Tokens> targets, int alternatives) {
        /// A cell among targets that nobody needs.
        public static final int NO_TARGET = -1;

        /// Nothing.
        public static final PromptScore NONE =
                new PromptScore(false, Integer.MAX_VALUE, 0, List.of(), 0);

        /// The log-probability of each token.
        public static final PromptScore LOGPROBS =
                new PromptScore(true, Integer.MAX_VALUE, 0, List.of(), 0);

        public PromptScore {
            targets = List.copyOf(targets);
        }
    }
}
