package dev.tinsmith.models;

import dev.tinsmith.engine.format.FormatException;
import dev.tinsmith.engine.format.HfConfig;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// A decoder made as Llama is, with what its kind adds.
///
/// @param traits what it adds
record DecoderArchitecture(String name, Set<Trait> traits) implements Architecture {
    private static final Set<String> ROPE_TYPES = Set.of("default", "linear", "llama3", "yarn");
    private static final Set<String> LAYER_TYPES = Set.of("full_attention", "sliding_attention");
    private static final List<String> REFUSED =
            List.of("attention_bias", "mlp_bias", "use_bidirectional_attention");
    private static final int MAX_LAYERS = 1000;

    DecoderArchitecture {
        traits = Set.copyOf(traits);
    }

    /// What some kinds have and others do not.
    enum Trait {
        /// Queries, keys and values have biases.
        BIASES,
        /// Each head's queries and keys are normalised.
        HEAD_NORMS,
        /// What a block puts out is normalised.
        AFTER_NORMS,
        /// Experts in place of the feed-forward block, named as Qwen names them.
        QWEN_EXPERTS,
        /// The same, named as Mixtral names them.
        MIXTRAL_EXPERTS,
        /// The gate is bent by a GELU.
        GELU,
        /// The unembedding is the embedding unless the file says otherwise.
        TIED
    }

    static DecoderArchitecture of(String name, Trait... traits) {
        return new DecoderArchitecture(name, Set.of(traits));
    }

    @Override
    public SortedMap<String, List<Long>> tensors(HfConfig config) {
        checkComputable(config);
        long hidden = size(config, "hidden_size");
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
        if (!isTied(config)) {
            put(tensors, "lm_head", vocabulary, hidden);
        }
        for (int layer = 0; layer < layers; layer++) {
            String prefix = "model.layers.%d.".formatted(layer);
            put(tensors, prefix + "input_layernorm", hidden);
            put(tensors, prefix + "self_attn.q_proj", (long) heads * width, hidden);
            put(tensors, prefix + "self_attn.k_proj", (long) keyHeads * width, hidden);
            put(tensors, prefix + "self_attn.v_proj", (long) keyHeads * width, hidden);
            if (traits.contains(Trait.BIASES)) {
                tensors.put(prefix + "self_attn.q_proj.bias", List.of((long) heads * width));
                tensors.put(prefix + "self_attn.k_proj.bias", List.of((long) keyHeads * width));
                tensors.put(prefix + "self_attn.v_proj.bias", List.of((long) keyHeads * width));
            }
            if (traits.contains(Trait.HEAD_NORMS)) {
                put(tensors, prefix + "self_attn.q_norm", (long) width);
                put(tensors, prefix + "self_attn.k_norm", (long) width);
            }
            put(tensors, prefix + "self_attn.o_proj", hidden, (long) heads * width);
            put(tensors, prefix + "post_attention_layernorm", hidden);
            if (traits.contains(Trait.AFTER_NORMS)) {
                put(tensors, prefix + "pre_feedforward_layernorm", hidden);
                put(tensors, prefix + "post_feedforward_layernorm", hidden);
            }
            feedForward(tensors, prefix, hidden, config);
        }
        return tensors;
    }

    private void feedForward(
            SortedMap<String, List<Long>> tensors, String prefix, long hidden, HfConfig config) {
        if (traits.contains(Trait.QWEN_EXPERTS)) {
            int count =
                    size(config, config.has("num_experts") ? "num_experts" : "num_local_experts");
            long inner = size(config, "moe_intermediate_size");
            put(tensors, prefix + "mlp.gate", count, hidden);
            for (int expert = 0; expert < count; expert++) {
                String of = "%smlp.experts.%d.".formatted(prefix, expert);
                put(tensors, of + "gate_proj", inner, hidden);
                put(tensors, of + "up_proj", inner, hidden);
                put(tensors, of + "down_proj", hidden, inner);
            }
            return;
        }
        long inner = size(config, "intermediate_size");
        if (traits.contains(Trait.MIXTRAL_EXPERTS)) {
            int count = size(config, "num_local_experts");
            put(tensors, prefix + "block_sparse_moe.gate", count, hidden);
            for (int expert = 0; expert < count; expert++) {
                String of = "%sblock_sparse_moe.experts.%d.".formatted(prefix, expert);
                put(tensors, of + "w1", inner, hidden);
                put(tensors, of + "w3", inner, hidden);
                put(tensors, of + "w2", hidden, inner);
            }
            return;
        }
        put(tensors, prefix + "mlp.gate_proj", inner, hidden);
        put(tensors, prefix + "mlp.up_proj", inner, hidden);
        put(tensors, prefix + "mlp.down_proj", hidden, inner);
    }

    /// A tied model's unembedding, which its embedding is; and frequencies that old converters
    /// stored, which follow from the configuration.
    @Override
    public boolean mayHold(String tensor) {
        return tensor.equals("lm_head.weight") || tensor.endsWith(".rotary_emb.inv_freq");
    }

    @Override
    public boolean isTied(HfConfig config) {
        return config.bool("tie_word_embeddings", traits.contains(Trait.TIED));
    }

    private void checkComputable(HfConfig config) {
        for (String key : REFUSED) {
            if (config.bool(key, false)) {
                throw new FormatException(
                        "config.json says %s is true; models with it are not computed here"
                                .formatted(key));
            }
        }
        if (traits.contains(Trait.GELU)) {
            checkActivation(config, "hidden_activation", "gelu_pytorch_tanh");
        } else {
            checkActivation(config, "hidden_act", "silu");
        }
        for (String type : config.texts("layer_types", List.of())) {
            if (!LAYER_TYPES.contains(type)) {
                throw new FormatException(
                        "config.json says layer_types has '%s'; full_attention and sliding_attention are computed here"
                                .formatted(type));
            }
        }
        for (String key : List.of("rope_scaling", "rope_parameters")) {
            if (config.has(key)) {
                checkRope(config.object(key), key);
            }
        }
    }

    private static void checkActivation(HfConfig config, String key, String only) {
        String activation = config.text(key, only);
        if (!activation.equals(only)) {
            throw new FormatException(
                    "config.json says %s is '%s'; only '%s' is computed here"
                            .formatted(key, activation, only));
        }
    }

    private static void checkRope(HfConfig rope, String key) {
        for (String type : LAYER_TYPES) {
            if (rope.has(type)) {
                checkRope(rope.object(type), key + "." + type);
            }
        }
        String type = rope.text("rope_type", rope.text("type", "default"));
        if (!ROPE_TYPES.contains(type)) {
            throw new FormatException(
                    "config.json says %s is of type '%s'; default, linear, llama3 and yarn are computed here"
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

    private static void put(SortedMap<String, List<Long>> tensors, String module, long... shape) {
        tensors.put(module + ".weight", Arrays.stream(shape).boxed().toList());
    }
}
