package dev.tinsmith.torch.model;

import dev.tinsmith.torch.model.DecoderSpec.Heads;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/// How tokens look at one another.
///
/// @param biased whether queries, keys and values have biases
/// @param normed whether each head's queries and keys are normalised before they are rotated
/// @param scale what scores are multiplied by
/// @param cap scores are bent so that they stay between minus and plus this
/// @param windows by layer, how many tokens back a token sees, itself included, or [#ALL]; empty
///   where every layer sees all
/// @param nearRope how positions turn in layers with windows; as `rope` says, if absent
public record AttentionSpec(
        Heads heads,
        RopeSpec rope,
        boolean biased,
        boolean normed,
        double scale,
        OptionalDouble cap,
        List<Integer> windows,
        Optional<RopeSpec> nearRope) {
    /// The window of a layer that sees every token before.
    public static final int ALL = Integer.MAX_VALUE;

    public AttentionSpec {
        windows = List.copyOf(windows);
        Positive.check("the scale of attention", scale);
        cap.ifPresent(value -> Positive.check("the cap of attention", value));
        if (windows.stream().anyMatch(window -> window < 1)) {
            throw new IllegalArgumentException(
                    "a window has at least 1 token; the layers' are " + windows);
        }
    }

    /// The plainest.
    public static AttentionSpec of(Heads heads, RopeSpec rope) {
        double scale = 1 / Math.sqrt(heads.size());
        return new AttentionSpec(
                heads,
                rope,
                false,
                false,
                scale,
                OptionalDouble.empty(),
                List.of(),
                Optional.empty());
    }

    /// With biases.
    public AttentionSpec withBiases() {
        return new AttentionSpec(heads, rope, true, normed, scale, cap, windows, nearRope);
    }

    /// With norms of queries and keys.
    public AttentionSpec withNorms() {
        return new AttentionSpec(heads, rope, biased, true, scale, cap, windows, nearRope);
    }

    /// With other scores.
    public AttentionSpec withScores(double newScale, OptionalDouble newCap) {
        return new AttentionSpec(heads, rope, biased, normed, newScale, newCap, windows, nearRope);
    }

    /// With windows.
    public AttentionSpec withWindows(List<Integer> byLayer) {
        return new AttentionSpec(heads, rope, biased, normed, scale, cap, byLayer, nearRope);
    }

    /// With another turn of positions in layers with windows.
    public AttentionSpec withNearRope(RopeSpec near) {
        return new AttentionSpec(
                heads, rope, biased, normed, scale, cap, windows, Optional.of(near));
    }

    /// How many tokens back a token sees in a layer, itself included.
    public int window(int layer) {
        return windows.isEmpty() ? ALL : windows.get(layer);
    }

    /// The windows that there are.
    public Set<Integer> distinctWindows() {
        return windows.isEmpty() ? Set.of(ALL) : Set.copyOf(windows);
    }

    /// How many numbers a layer's attention holds.
    long parameters(int hidden) {
        long matrices = (long) hidden * (heads.width() + heads.queryWidth());
        return matrices + (biased ? heads.width() : 0) + (normed ? 2L * heads.size() : 0);
    }
}
