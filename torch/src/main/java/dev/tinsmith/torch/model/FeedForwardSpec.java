package dev.tinsmith.torch.model;

import java.util.List;
import java.util.Optional;

/// What a layer does with each token by itself.
///
/// @param inner the width inside the block, or inside each expert
/// @param experts how tokens are spread over several blocks, if they are
public record FeedForwardSpec(int inner, Activation activation, Optional<Experts> experts) {
    public FeedForwardSpec {
        if (inner < 1) {
            throw new IllegalArgumentException(
                    "a feed-forward block is at least 1 wide, not " + inner);
        }
    }

    /// One block for every token.
    public static FeedForwardSpec of(int inner, Activation activation) {
        return new FeedForwardSpec(inner, activation, Optional.empty());
    }

    /// How many numbers a layer's block holds.
    long parameters(int hidden) {
        long block = 3L * hidden * inner;
        return experts.map(each -> each.count() * (block + hidden)).orElse(block);
    }

    /// What bends the gate.
    public enum Activation {
        /// `x·σ(x)`
        SILU,
        /// `x·Φ(x)`, Φ approximated by a hyperbolic tangent.
        GELU_TANH
    }

    /// A mixture of experts: a router sends each token to a few of them.
    ///
    /// @param count how many there are
    /// @param perToken how many a token is sent to
    /// @param normalized whether the shares of those add up to 1
    /// @param block what a layer's module with the router and the experts is called
    /// @param modules what an expert's gate, its other factor, and the way back are called
    public record Experts(
            int count, int perToken, boolean normalized, String block, List<String> modules) {
        public Experts {
            modules = List.copyOf(modules);
            if (count < 2 || perToken < 1 || perToken > count) {
                throw new IllegalArgumentException(
                        "a token is sent to %d of %d experts; it must be 1 or more of at least 2"
                                .formatted(perToken, count));
            }
        }
    }
}
