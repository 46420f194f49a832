package dev.tinsmith.torch.family;

import dev.tinsmith.engine.format.FormatException;
import dev.tinsmith.engine.format.HfConfig;
import dev.tinsmith.torch.model.AttentionSpec;
import dev.tinsmith.torch.model.DecoderSpec;
import dev.tinsmith.torch.model.EmbeddingSpec;
import dev.tinsmith.torch.model.FeedForwardSpec;
import dev.tinsmith.torch.model.FeedForwardSpec.Activation;
import dev.tinsmith.torch.model.NormSpec;
import dev.tinsmith.torch.model.RopeSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/// What most families say under the same keys of `config.json`.
///
/// @param config a model's
record UsualKeys(HfConfig config) {
    /// The type of a layer that sees every token before.
    static final String FULL = "full_attention";

    /// The type of one that sees a few of them.
    static final String SLIDING = "sliding_attention";

    private static final double THETA = 10_000;
    private static final double EPS = 1e-6;
    private static final int QWEN_FIRST_WINDOW = 28;
    private static final double FAST = 32;
    private static final double SLOW = 1;
    private static final String ORIGINAL = "original_max_position_embeddings";
    private static final SortedMap<String, BiFunction<UsualKeys, HfConfig, RopeSpec.Scaling>>
            SCALINGS =
                    new TreeMap<>(
                            Map.of(
                                    "default",
                                    (_, _) -> new RopeSpec.Scaling.None(),
                                    "linear",
                                    (_, rope) -> new RopeSpec.Scaling.Linear(rope.real("factor")),
                                    "llama3",
                                    UsualKeys::llama3,
                                    "yarn",
                                    UsualKeys::yarn));

    /// A decoder of blocks as usual around this attention.
    DecoderSpec decoder(AttentionSpec attention) {
        return decoder(attention, feedForward());
    }

    DecoderSpec decoder(AttentionSpec attention, FeedForwardSpec feedForward) {
        return new DecoderSpec(
                embedding(), layers(), hidden(), attention, feedForward, norms(), context());
    }

    int layers() {
        return config.integer("num_hidden_layers");
    }

    int hidden() {
        return config.integer("hidden_size");
    }

    int context() {
        return config.integer("max_position_embeddings");
    }

    int vocabulary() {
        return config.integer("vocab_size");
    }

    EmbeddingSpec embedding() {
        return EmbeddingSpec.of(vocabulary(), config.bool("tie_word_embeddings", false));
    }

    AttentionSpec attention() {
        return attention(hidden() / Math.max(1, config.integer("num_attention_heads")));
    }

    /// @param headSize the width of a head, unless the file says it
    AttentionSpec attention(int headSize) {
        return attention(headSize, rope());
    }

    AttentionSpec attention(int headSize, RopeSpec rope) {
        refuse("attention_bias");
        int heads = config.integer("num_attention_heads");
        return AttentionSpec.of(
                new DecoderSpec.Heads(
                        heads,
                        config.integer("num_key_value_heads", heads),
                        config.integer("head_dim", headSize)),
                rope);
    }

    FeedForwardSpec feedForward() {
        return FeedForwardSpec.of(config.integer("intermediate_size"), activation());
    }

    Activation activation() {
        refuse("mlp_bias");
        return activation("hidden_act", "silu", Activation.SILU);
    }

    /// @param key where the file names it
    /// @param name the only one there is
    Activation activation(String key, String name, Activation activation) {
        String said = config.text(key, name);
        if (!said.equals(name)) {
            throw new FormatException(
                    "config.json: %s is '%s'; only '%s' is known".formatted(key, said, name));
        }
        return activation;
    }

    NormSpec norms() {
        return NormSpec.of(config.real("rms_norm_eps", EPS));
    }

    /// A cap, of which null says that there is none.
    OptionalDouble cap(String key, double usual) {
        return config.saysNone(key)
                ? OptionalDouble.empty()
                : OptionalDouble.of(config.real(key, usual));
    }

    /// Refuses a model for which this is true.
    void refuse(String key) {
        if (config.bool(key, false)) {
            throw new FormatException(
                    "config.json: %s is true; models with it are not known".formatted(key));
        }
    }

    /// The window of each layer, as `layer_types` says it, or else as `usual` does.
    List<Integer> windows(List<String> usual) {
        List<String> types = config.texts("layer_types", usual);
        if (types.size() != layers()) {
            throw new FormatException(
                    "config.json: layer_types has %d entries and num_hidden_layers is %d; they must be as many"
                            .formatted(types.size(), layers()));
        }
        return types.stream().map(this::window).toList();
    }

    private int window(String type) {
        if (type.equals(FULL)) {
            return AttentionSpec.ALL;
        }
        if (type.equals(SLIDING)) {
            return config.integer("sliding_window");
        }
        throw new FormatException(
                "config.json: layer_types has '%s'; there are %s and %s"
                        .formatted(type, FULL, SLIDING));
    }

    /// The windows of a Qwen, which has them from some layer on, if it is told to have any.
    List<Integer> qwenWindows() {
        boolean any = config.bool("use_sliding_window", false) && config.has("sliding_window");
        int first = any ? config.integer("max_window_layers", QWEN_FIRST_WINDOW) : layers();
        return windows(
                IntStream.range(0, layers())
                        .mapToObj(layer -> layer < first ? FULL : SLIDING)
                        .toList());
    }

    /// Older files say `rope_theta` and `rope_scaling`, newer ones `rope_parameters`.
    RopeSpec rope() {
        double theta = config.real("rope_theta", THETA);
        return config.has("rope_parameters")
                ? rope(config.object("rope_parameters"), theta)
                : rope(theta);
    }

    /// As `rope_scaling` says it, if it is there.
    RopeSpec rope(double theta) {
        return config.has("rope_scaling")
                ? new RopeSpec(theta, scaling(config.object("rope_scaling")))
                : new RopeSpec(theta, new RopeSpec.Scaling.None());
    }

    /// As this object says it.
    ///
    /// @param theta unless it says another
    RopeSpec rope(HfConfig rope, double theta) {
        return new RopeSpec(rope.real("rope_theta", theta), scaling(rope));
    }

    private RopeSpec.Scaling scaling(HfConfig rope) {
        for (HfConfig where : List.of(config, rope)) {
            if (where.real("partial_rotary_factor", 1) != 1) {
                throw new FormatException(
                        "config.json: partial_rotary_factor is %s; heads are rotated whole or not at all"
                                .formatted(where.real("partial_rotary_factor")));
            }
        }
        String kind = rope.text("rope_type", rope.text("type", "default"));
        return Optional.ofNullable(SCALINGS.get(kind))
                .orElseThrow(() ->
                        new FormatException(
                                "config.json: rope_type is '%s'; there are %s"
                                        .formatted(kind, String.join(", ", SCALINGS.keySet()))))
                .apply(this, rope);
    }

    private RopeSpec.Scaling llama3(HfConfig rope) {
        return new RopeSpec.Scaling.Llama3(
                rope.real("factor"),
                rope.real("low_freq_factor"),
                rope.real("high_freq_factor"),
                original(rope));
    }

    private RopeSpec.Scaling yarn(HfConfig rope) {
        int original = original(rope);
        double factor = rope.real("factor", (double) context() / original);
        double magnitude = growth(factor, rope.real("mscale", 0), rope.real("mscale_all_dim", 0));
        return new RopeSpec.Scaling.Yarn(
                factor,
                rope.real("beta_fast", FAST),
                rope.real("beta_slow", SLOW),
                original,
                rope.bool("truncate", true),
                rope.real("attention_factor", magnitude));
    }

    /// How much the scores of a longer context grow, unless the file says it.
    private static double growth(double factor, double mscale, double mscaleAllDim) {
        return mscale != 0 && mscaleAllDim != 0
                ? growth(factor, mscale) / growth(factor, mscaleAllDim)
                : growth(factor, 1);
    }

    private static double growth(double factor, double mscale) {
        return factor <= 1 ? 1 : 0.1 * mscale * Math.log(factor) + 1;
    }

    private int original(HfConfig rope) {
        return config.integer(
                ORIGINAL, rope.integer(ORIGINAL, config.integer("max_position_embeddings")));
    }
}
