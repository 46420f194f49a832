package dev.tinsmith.models;

import dev.tinsmith.engine.format.DType;
import dev.tinsmith.engine.format.Safetensors;
import dev.tinsmith.engine.format.SafetensorsWriter;
import dev.tinsmith.engine.format.TensorSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/// A Llama of two layers in a Hugging Face folder, its numbers random; and ways to spoil it.
public final class TinyFolder {
    public static final int VOCABULARY = 5;
    public static final int HIDDEN = 8;
    private static final int INNER = 12;
    private static final int LAYERS = 2;
    private static final int HEADS = 2;
    private static final int KEY_HEADS = 1;
    private static final int HEAD_WIDTH = 4;

    private final Path folder;
    private final DType dtype;
    private final SortedMap<String, List<Long>> shapes = new TreeMap<>();
    private String config;

    private TinyFolder(Path folder, DType dtype, boolean tied) {
        this.folder = folder;
        this.dtype = dtype;
        this.config =
                """
                {"architectures": ["LlamaForCausalLM"], "model_type": "llama",
                 "vocab_size": 5, "hidden_size": 8, "intermediate_size": 12,
                 "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1,
                 "hidden_act": "silu", "rms_norm_eps": 1e-05, "max_position_embeddings": 64,
                 "rope_scaling": null, "tie_word_embeddings": %s}
                """
                        .formatted(tied);
        put("model.embed_tokens", VOCABULARY, HIDDEN);
        put("model.norm", HIDDEN);
        if (!tied) {
            put("lm_head", VOCABULARY, HIDDEN);
        }
        for (int layer = 0; layer < LAYERS; layer++) {
            String prefix = "model.layers.%d.".formatted(layer);
            put(prefix + "input_layernorm", HIDDEN);
            put(prefix + "post_attention_layernorm", HIDDEN);
            put(prefix + "self_attn.q_proj", HEADS * HEAD_WIDTH, HIDDEN);
            put(prefix + "self_attn.k_proj", KEY_HEADS * HEAD_WIDTH, HIDDEN);
            put(prefix + "self_attn.v_proj", KEY_HEADS * HEAD_WIDTH, HIDDEN);
            put(prefix + "self_attn.o_proj", HIDDEN, HEADS * HEAD_WIDTH);
            put(prefix + "mlp.gate_proj", INNER, HIDDEN);
            put(prefix + "mlp.up_proj", INNER, HIDDEN);
            put(prefix + "mlp.down_proj", HIDDEN, INNER);
        }
    }

    public static TinyFolder at(Path folder, DType dtype, boolean tied) {
        return new TinyFolder(folder, dtype, tied);
    }

    /// One that is right, written into `folder`.
    public static Path write(Path folder) {
        return at(folder, DType.F32, true).write();
    }

    TinyFolder config(String from, String to) {
        if (!config.contains(from)) {
            throw new IllegalArgumentException("config.json does not say " + from);
        }
        config = config.replace(from, to);
        return this;
    }

    TinyFolder without(String tensor) {
        shapes.remove(tensor);
        return this;
    }

    TinyFolder with(String tensor, Long... shape) {
        shapes.put(tensor, List.of(shape));
        return this;
    }

    public Path write() {
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("config.json"), config);
            Files.writeString(folder.resolve("tokenizer.json"), tokenizer());
            Files.writeString(folder.resolve("tokenizer_config.json"), "{\"eos_token\": \"d\"}");
            Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": 3}");
            Files.writeString(folder.resolve("README.md"), "not part of the model");
            weights(folder.resolve("model.safetensors"));
            return folder;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void weights(Path file) throws IOException {
        Random random = new Random(1);
        List<Safetensors.Entry> entries = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            shapes.forEach((name, shape) -> {
                TensorSpec spec = new TensorSpec(name, dtype, shape);
                entries.add(new Safetensors.Entry(spec, numbers(arena, spec, random)));
            });
            Safetensors.write(file, Map.of("format", "pt"), entries);
        }
    }

    private static MemorySegment numbers(Arena arena, TensorSpec spec, Random random) {
        MemorySegment numbers = arena.allocate(Math.max(1, spec.bytes())).asSlice(0, spec.bytes());
        for (long i = 0; i < spec.elements(); i++) {
            float number = (float) random.nextGaussian();
            int bits = Float.floatToIntBits(number);
            switch (spec.dtype()) {
                case F32 -> numbers.setAtIndex(ValueLayout.JAVA_FLOAT, i, number);
                case F16 ->
                        numbers.setAtIndex(ValueLayout.JAVA_SHORT, i, Float.floatToFloat16(number));
                case BF16 -> numbers.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) (bits >>> 16));
                case F64, I64, I32, I16, I8, U8, BOOL -> {}
            }
        }
        return numbers;
    }

    /// Cuts the only file of weights in two, with an index.
    public static void shard(Path folder) throws IOException {
        Path whole = folder.resolve("model.safetensors");
        StringBuilder map = new StringBuilder();
        try (Safetensors tensors = Safetensors.open(whole)) {
            List<TensorSpec> all = List.copyOf(tensors.tensors().values());
            for (int part = 0; part < 2; part++) {
                String file = "model-0000%d-of-00002.safetensors".formatted(part + 1);
                int half = all.size() / 2;
                List<TensorSpec> some =
                        part == 0 ? all.subList(0, half) : all.subList(half, all.size());
                try (SafetensorsWriter writer =
                        SafetensorsWriter.create(folder.resolve(file), Map.of(), some)) {
                    for (TensorSpec tensor : some) {
                        writer.append(tensors.data(tensor.name()));
                        map.append(map.isEmpty() ? "" : ",")
                                .append("\"%s\":\"%s\"".formatted(tensor.name(), file));
                    }
                    writer.finish();
                }
            }
        }
        Files.writeString(
                folder.resolve("model.safetensors.index.json"),
                "{\"metadata\":{},\"weight_map\":{%s}}".formatted(map));
        Files.delete(whole);
    }

    private void put(String module, int... shape) {
        List<Long> sizes = new ArrayList<>();
        for (int size : shape) {
            sizes.add((long) size);
        }
        shapes.put(module + ".weight", sizes);
    }

    private static String tokenizer() {
        return """
        {"version": "1.0", "added_tokens": [], "pre_tokenizer": null, "decoder": null,
         "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "c": 2, "d": 3, "ab": 4},
                   "merges": ["a b"]}}
        """;
    }
}
