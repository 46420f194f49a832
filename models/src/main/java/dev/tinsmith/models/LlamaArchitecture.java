package dev.tinsmith.models;

import dev.tinsmith.engine.format.FormatException;
import dev.tinsmith.engine.format.HfConfig;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// Llama 2 and 3, and those that follow them, such as SmolLM2.
final class LlamaArchitecture implements Architecture {
    private static final Set<String> ROPE_TYPES = Set.of("default", "linear", "llama3");
    private static final int MAX_LAYERS = 1000;

    @Override
    public String name() {
        return "LlamaForCausalLM";
    }

    @Override
    public SortedMap<String, List<Long>> tensors(HfConfig config) {
        checkComputable(config);
        long hidden = size(config, "hidden_size");
        long inner = size(config, "intermediate_size");
        long vocabulary = size(config, "vocab_size");
        int layers = size(config, "num_hidden_layers");
        require("num_hidden_layers", layers, layers <= MAX_LAYERS, "be at most " + MAX_LAYERS);
        size(config, "max_position_embeddings");
        int heads = size(config, "num_attention_heads");
        int keyHeads = optionalSize(config, "num_key_value_heads", heads);
        require("num_key_value_heads", keyHeads, heads % keyHeads == 0, "divide the heads");
        int width = optionalSize(config, "head_dim", Math.max(1, (int) hidden / heads));
        require("head_dim", width, width % 2 == 0, "be even");

        SortedMap<String, List<Long>> tensors = new TreeMap<>();
        put(tensors, "model.embed_tokens", vocabulary, hidden);
        put(tensors, "model.norm", hidden);
        if (!config.bool("tie_word_embeddings", false)) {
            put(tensors, "lm_head", vocabulary, hidden);
        }
        for (int layer = 0; layer < layers; layer++) {
            String prefix = "model.layers.%d.".formatted(layer);
            put(tensors, prefix + "input_layernorm", hidden);
            put(tensors, prefix + "self_attn.q_proj", (long) heads * width, hidden);
            put(tensors, prefix + "self_attn.k_proj", (long) keyHeads * width, hidden);
            put(tensors, prefix + "self_attn.v_proj", (long) keyHeads * width, hidden);
            put(tensors, prefix + "self_attn.o_proj", hidden, (long) heads * width);
            put(tensors, prefix + "post_attention_layernorm", hidden);
            put(tensors, prefix + "mlp.gate_proj", inner, hidden);
            put(tensors, prefix + "mlp.up_proj", inner, hidden);
            put(tensors, prefix + "mlp.down_proj", hidden, inner);
        }
        return tensors;
    }

    /// A tied model's unembedding, which its embedding is; and frequencies that old converters
    /// stored, which follow from the configuration.
    @Override
    public boolean mayHold(String tensor) {
        return tensor.equals("lm_head.weight") || tensor.endsWith(".rotary_emb.inv_freq");
    }

    private static void checkComputable(HfConfig config) {
        for (String key : List.of("attention_bias", "mlp_bias")) {
            if (config.bool(key, false)) {
                throw new FormatException(
                        "config.json says %s is true; models with biases are not computed here"
                                .formatted(key));
            }
        }
        String activation = config.text("hidden_act", "silu");
        if (!activation.equals("silu")) {
            throw new FormatException(
                    "config.json says hidden_act is '%s'; only 'silu' is computed here"
                            .formatted(activation));
        }
        for (String key : List.of("rope_scaling", "rope_parameters")) {
            if (config.has(key)) {
                checkRope(config.object(key), key);
            }
        }
    }

    private static void checkRope(HfConfig rope, String key) {
        String type = rope.text("rope_type", rope.text("type", "default"));
        if (!ROPE_TYPES.contains(type)) {
            throw new FormatException(
                    "config.json says %s is of type '%s'; default, linear and llama3 are computed here"
                            .formatted(key, type));
        }
    }

    private static int size(HfConfig config, String key) {
        int size = config.integer(key);
        require(key, size, size >= 1, "be at least 1");
        return size;
    }

    private static int optionalSize(HfConfig config, String key, int otherwise) {
        return config.has(key) ? size(config, key) : otherwise;
    }

    private static void require(String key, int value, boolean fits, String rule) {
        if (!fits) {
            throw new FormatException(
                    "config.json says %s is %d; it must %s".formatted(key, value, rule));
        }
    }

    private static void put(SortedMap<String, List<Long>> tensors, String module, Long... shape) {
        tensors.put(module + ".weight", List.of(shape));
    }
}
