package dev.tinsmith.torch.family;

import dev.tinsmith.engine.format.FormatException;
import dev.tinsmith.engine.format.HfConfig;
import dev.tinsmith.torch.model.AttentionSpec;
import dev.tinsmith.torch.model.DecoderSpec;
import dev.tinsmith.torch.model.RopeSpec;
import java.util.Optional;
import java.util.OptionalDouble;

/// Gemma 3, for text alone: a window in five of six layers, where positions turn faster; norms of
/// heads, no cap of attention.
final class Gemma3 implements ModelFamily {
    private static final double FAR_THETA = 1_000_000;
    private static final double NEAR_THETA = 10_000;
    private static final int FULL_LAYERS = 6;

    @Override
    public String architecture() {
        return "Gemma3ForCausalLM";
    }

    @Override
    public DecoderSpec describe(HfConfig config) {
        if (config.has("attn_logit_softcapping")) {
            throw new FormatException(
                    "config.json: attn_logit_softcapping is %s; a Gemma 3 with it is not known"
                            .formatted(config.real("attn_logit_softcapping")));
        }
        GemmaKeys keys = new GemmaKeys(config);
        int full =
                config.integer(
                        "sliding_window_pattern",
                        config.integer("_sliding_window_pattern", FULL_LAYERS));
        AttentionSpec attention =
                keys.attention(far(keys.usual()), OptionalDouble.empty())
                        .withNorms()
                        .withWindows(keys.windows(full))
                        .withNearRope(near(keys.usual()));
        OptionalDouble cap =
                config.has("final_logit_softcapping")
                        ? OptionalDouble.of(config.real("final_logit_softcapping"))
                        : OptionalDouble.empty();
        return keys.decoder(attention, cap);
    }

    /// Older files say `rope_theta` and `rope_scaling`.
    private static RopeSpec far(UsualKeys usual) {
        double theta = usual.config().real("rope_theta", FAR_THETA);
        return parameters(usual, UsualKeys.FULL)
                .map(rope -> usual.rope(rope, theta))
                .orElseGet(() -> usual.rope(theta));
    }

    /// Older files say `rope_local_base_freq`, and do not scale.
    private static RopeSpec near(UsualKeys usual) {
        double theta = usual.config().real("rope_local_base_freq", NEAR_THETA);
        return parameters(usual, UsualKeys.SLIDING)
                .map(rope -> usual.rope(rope, theta))
                .orElseGet(() -> new RopeSpec(theta, new RopeSpec.Scaling.None()));
    }

    private static Optional<HfConfig> parameters(UsualKeys usual, String type) {
        return Optional.of(usual.config())
                .filter(config -> config.has("rope_parameters"))
                .map(config -> config.object("rope_parameters"))
                .filter(rope -> rope.has(type))
                .map(rope -> rope.object(type));
    }
}
