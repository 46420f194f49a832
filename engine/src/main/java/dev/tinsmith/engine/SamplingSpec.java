package dev.tinsmith.engine;

import java.util.Set;

/// How tokens are drawn.
///
/// @param maxTokens at least 1
/// @param temperature 0 takes the likeliest token
/// @param topK how many of the likeliest tokens to draw from; 0 or less: all
/// @param topP draw from the smallest set whose probability reaches this; 1: all
/// @param seed sample i of a request draws from the stream (`seed`, i)
/// @param stopTokens a token that ends the sample, and is its last one
/// @param stopText asked after each token whether the text so far ends the sample
public record SamplingSpec(
        int maxTokens,
        double temperature,
        int topK,
        double topP,
        long seed,
        Set<Integer> stopTokens,
        StopText stopText) {
    public SamplingSpec {
        stopTokens = Set.copyOf(stopTokens);
        if (maxTokens < 1) {
            throw new IllegalArgumentException(
                    "max_tokens is %d; it must be at least 1".formatted(maxTokens));
        }
        if (!(temperature >= 0) || temperature == Double.POSITIVE_INFINITY) {
            throw new IllegalArgumentException(
                    "temperature is %s; it must be finite and at least 0".formatted(temperature));
        }
        if (!(topP > 0 && topP <= 1)) {
            throw new IllegalArgumentException(
                    "top_p is %s; it must be above 0 and at most 1".formatted(topP));
        }
    }

    /// Knows text, which an engine does not.
    @FunctionalInterface
    public interface StopText {
        /// Never stops.
        StopText NONE = _ -> false;

        /// Whether a sample whose tokens so far are `generated` ends here. Called on the engine's
        /// thread after every token, so it must be quick.
        boolean endsAt(Tokens generated);
    }
}
