package dev.tinsmith.engine;

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
    }

    /// What to say of the prompt's own tokens.
    ///
    /// @param logprobs whether to return log P(token i | tokens before i) at all
    /// @param lastN only the last so many positions; [Integer#MAX_VALUE] for all
    /// @param topK how many of the likeliest tokens to return for each position; 0: none
    public record PromptScore(boolean logprobs, int lastN, int topK) {
        /// Nothing.
        public static final PromptScore NONE = new PromptScore(false, Integer.MAX_VALUE, 0);

        /// The log-probability of each token.
        public static final PromptScore LOGPROBS = new PromptScore(true, Integer.MAX_VALUE, 0);
    }
}
