package dev.tinsmith.torch;

import dev.tinsmith.engine.format.DType;
import dev.tinsmith.engine.format.Safetensors;
import dev.tinsmith.engine.format.TensorSpec;
import dev.tinsmith.torch.lora.Site;
import dev.tinsmith.torch.model.AttentionSpec;
import dev.tinsmith.torch.model.DecoderSpec;
import dev.tinsmith.torch.model.EmbeddingSpec;
import dev.tinsmith.torch.model.FeedForwardSpec;
import dev.tinsmith.torch.model.NormSpec;
import dev.tinsmith.torch.model.RopeSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/// A Llama too small to be of use, its numbers random: in memory, and as a folder.
public record TinyModel(DecoderSpec spec, SortedMap<String, Weight> weights) {
    /// Queries share keys, and heads are wider than the hidden size makes them.
    public static final DecoderSpec SPEC =
            new DecoderSpec(
                    EmbeddingSpec.of(101, false),
                    3,
                    48,
                    AttentionSpec.of(
                            new DecoderSpec.Heads(6, 2, 10),
                            new RopeSpec(10_000, new RopeSpec.Scaling.None())),
                    FeedForwardSpec.of(80, FeedForwardSpec.Activation.SILU),
                    NormSpec.of(1e-5),
                    600);

    /// One tensor of the checkpoint.
    public static final class Weight {
        private final List<Long> shape;
        private final float[] values;

        Weight(List<Long> shape, float[] values) {
            this.shape = shape;
            this.values = values;
        }

        /// Its shape.
        public List<Long> shape() {
            return shape;
        }

        /// Its numbers, row-major.
        public float[] values() {
            return values;
        }
    }

    /// One whose numbers follow from `seed`.
    public static TinyModel random(long seed) {
        return random(seed, SPEC);
    }

    /// One of another make.
    public static TinyModel random(long seed, DecoderSpec spec) {
        Random random = new Random(seed);
        TreeMap<String, Weight> weights = new TreeMap<>();
        long hidden = spec.hidden();
        put(weights, "model.embed_tokens", random, 0, 0.7, spec.vocabulary(), hidden);
        put(weights, "lm_head", random, 0, 0.25, spec.vocabulary(), hidden);
        put(weights, "model.norm", random, 1, 0.1, hidden);
        for (int layer = 0; layer < spec.layers(); layer++) {
            String prefix = "model.layers.%d.".formatted(layer);
            put(weights, prefix + "input_layernorm", random, 1, 0.1, hidden);
            put(weights, prefix + "post_attention_layernorm", random, 1, 0.1, hidden);
            for (Site site : Site.values()) {
                for (int part = 0; part < site.modules().size(); part++) {
                    int in = site.in(spec);
                    String name = prefix + site.modules().get(part);
                    long out = site.outs(spec).get(part);
                    put(weights, name, random, 0, 1 / Math.sqrt(in), out, in);
                }
            }
        }
        return new TinyModel(spec, weights);
    }

    private static void put(
            Map<String, Weight> weights,
            String module,
            Random random,
            double mean,
            double spread,
            long... shape) {
        List<Long> dimensions = new ArrayList<>();
        int count = 1;
        for (long size : shape) {
            dimensions.add(size);
            count *= (int) size;
        }
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (mean + spread * random.nextGaussian());
        }
        weights.put(module + ".weight", new Weight(dimensions, values));
    }

    /// Writes it as Hugging Face lays it out.
    public Path write(Path folder) {
        try (Arena arena = Arena.ofConfined()) {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("config.json"), config());
            List<Safetensors.Entry> entries = new ArrayList<>();
            weights.forEach((name, weight) ->
                    entries.add(
                            new Safetensors.Entry(
                                    new TensorSpec(name, DType.F32, weight.shape()),
                                    arena.allocateFrom(ValueLayout.JAVA_FLOAT, weight.values()))));
            Safetensors.write(folder.resolve("model.safetensors"), Map.of("format", "pt"), entries);
            return folder;
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    private String config() {
        return """
        {"architectures": ["LlamaForCausalLM"], "vocab_size": %d, "num_hidden_layers": %d,
         "hidden_size": %d, "num_attention_heads": %d, "num_key_value_heads": %d, "head_dim": %d,
         "intermediate_size": %d, "rms_norm_eps": %s, "rope_theta": %s,
         "max_position_embeddings": %d, "tie_word_embeddings": %b}
        """
                .formatted(
                        spec.vocabulary(),
                        spec.layers(),
                        spec.hidden(),
                        spec.heads().query(),
                        spec.heads().keyValue(),
                        spec.heads().size(),
                        spec.feedForward().inner(),
                        spec.norms().eps(),
                        spec.attention().rope().theta(),
                        spec.context(),
                        spec.embedding().tied());
    }
}
