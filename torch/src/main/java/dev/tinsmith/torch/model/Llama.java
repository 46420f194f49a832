package dev.tinsmith.torch.model;

import dev.tinsmith.engine.format.FormatException;
import dev.tinsmith.engine.format.HfConfig;

/// Llama 2 and 3, and those that follow them, such as SmolLM2: grouped queries, a gated
/// feed-forward block, no biases.
final class Llama implements ModelFamily {
    private static final double THETA = 10_000;

    @Override
    public String architecture() {
        return "LlamaForCausalLM";
    }

    @Override
    public DecoderSpec describe(HfConfig config) {
        refuse(config, "attention_bias");
        refuse(config, "mlp_bias");
        String activation = config.text("hidden_act", "silu");
        if (!activation.equals("silu")) {
            throw new FormatException(
                    "config.json: hidden_act is '%s'; only 'silu' is known".formatted(activation));
        }
        int hidden = config.integer("hidden_size");
        int heads = config.integer("num_attention_heads");
        return new DecoderSpec(
                config.integer("vocab_size"),
                config.integer("num_hidden_layers"),
                hidden,
                new DecoderSpec.Heads(
                        heads,
                        config.integer("num_key_value_heads", heads),
                        config.integer("head_dim", hidden / heads)),
                config.integer("intermediate_size"),
                config.real("rms_norm_eps", 1e-6),
                rope(config),
                config.integer("max_position_embeddings"),
                config.bool("tie_word_embeddings", false));
    }

    private static void refuse(HfConfig config, String key) {
        if (config.bool(key, false)) {
            throw new FormatException(
                    "config.json: %s is true; models with biases are not known".formatted(key));
        }
    }

    /// Older files say `rope_theta` and `rope_scaling`, newer ones `rope_parameters`.
    private static RopeSpec rope(HfConfig config) {
        if (config.has("rope_parameters")) {
            HfConfig rope = config.object("rope_parameters");
            double theta = rope.real("rope_theta", config.real("rope_theta", THETA));
            return new RopeSpec(theta, scaling(rope, config));
        }
        double theta = config.real("rope_theta", THETA);
        return config.has("rope_scaling")
                ? new RopeSpec(theta, scaling(config.object("rope_scaling"), config))
                : new RopeSpec(theta, new RopeSpec.Scaling.None());
    }

    private static RopeSpec.Scaling scaling(HfConfig rope, HfConfig config) {
        String kind = rope.text("rope_type", rope.text("type", "default"));
        if (kind.equals("default")) {
            return new RopeSpec.Scaling.None();
        }
        if (kind.equals("linear")) {
            return new RopeSpec.Scaling.Linear(rope.real("factor"));
        }
        if (kind.equals("llama3")) {
            return new RopeSpec.Scaling.Llama3(
                    rope.real("factor"),
                    rope.real("low_freq_factor"),
                    rope.real("high_freq_factor"),
                    rope.integer(
                            "original_max_position_embeddings",
                            config.integer("max_position_embeddings")));
        }
        throw new FormatException(
                "config.json: rope_type is '%s'; there are default, linear, llama3"
                        .formatted(kind));
    }
}
