package dev.tinsmith.models.peft;

import dev.tinsmith.engine.format.DType;
import dev.tinsmith.engine.format.JsonFile;
import dev.tinsmith.engine.format.Safetensors;
import dev.tinsmith.engine.format.TensorSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import tools.jackson.databind.node.ObjectNode;

/// An adapter as PEFT writes one, for the base of `TinyFolder`.
final class Foreign {
    static final String QUERIES = "model.layers.%d.self_attn.q_proj";
    static final String VALUES = "model.layers.%d.self_attn.v_proj";
    private static final String PREFIX = "base_model.model.";

    private final ObjectNode config;
    private final Map<String, float[]> numbers = new TreeMap<>();
    private final Map<String, List<Long>> shapes = new TreeMap<>();
    private final Random random = new Random(7);

    private Foreign(ObjectNode config) {
        this.config = config;
    }

    /// Queries and values of both layers, in the rank `rank`.
    static Foreign of(int rank, double alpha) {
        ObjectNode config =
                JsonFile.parse(
                        "config",
                        """
                        {"peft_type": "LORA", "task_type": "CAUSAL_LM", "bias": "none",
                         "base_model_name_or_path": "acme/tiny", "use_dora": false,
                         "target_modules": ["q_proj", "v_proj"]}
                        """
                                .getBytes(StandardCharsets.UTF_8));
        config.put("r", rank).put("lora_alpha", alpha);
        Foreign foreign = new Foreign(config);
        for (int layer = 0; layer < 2; layer++) {
            foreign.pair(PREFIX + QUERIES.formatted(layer), rank, 8, 8);
            foreign.pair(PREFIX + VALUES.formatted(layer), rank, 8, 4);
        }
        return foreign;
    }

    /// Both factors of `module`, drawn at random.
    Foreign pair(String module, int rank, int in, int out) {
        tensor(module + ".lora_A.weight", rank, in);
        return tensor(module + ".lora_B.weight", out, rank);
    }

    Foreign tensor(String name, int rows, int columns) {
        float[] drawn = new float[rows * columns];
        for (int i = 0; i < drawn.length; i++) {
            drawn[i] = (float) random.nextGaussian();
        }
        return tensor(name, rows, columns, drawn);
    }

    Foreign tensor(String name, int rows, int columns, float... given) {
        numbers.put(name, given);
        shapes.put(name, List.of((long) rows, (long) columns));
        return this;
    }

    Foreign without(String name) {
        numbers.remove(name);
        return this;
    }

    /// Says `json` under `key`.
    Foreign says(String key, String json) {
        byte[] text = "{\"value\": %s}".formatted(json).getBytes(StandardCharsets.UTF_8);
        config.set(key, JsonFile.parse("setting", text).path("value"));
        return this;
    }

    Foreign silent(String key) {
        config.remove(key);
        return this;
    }

    /// The numbers of A of `module`, a row for each rank.
    float[] a(String module) {
        return given(PREFIX + module + ".lora_A.weight");
    }

    /// The numbers of B of `module`.
    float[] b(String module) {
        return given(PREFIX + module + ".lora_B.weight");
    }

    float[] given(String name) {
        float[] found = numbers.get(name);
        if (found == null) {
            throw new IllegalArgumentException("there is no " + name);
        }
        return Arrays.copyOf(found, found.length);
    }

    /// Writes it into `folder`.
    Path write(Path folder) {
        try {
            Files.createDirectories(folder);
            JsonFile.write(folder.resolve("adapter_config.json"), config);
            Files.deleteIfExists(folder.resolve("adapter_model.safetensors"));
            List<Safetensors.Entry> entries = new ArrayList<>();
            numbers.forEach((name, values) ->
                    entries.add(
                            new Safetensors.Entry(
                                    new TensorSpec(
                                            name, DType.F32, shapes.getOrDefault(name, List.of())),
                                    MemorySegment.ofArray(values))));
            Safetensors.write(
                    folder.resolve("adapter_model.safetensors"), Map.of("format", "pt"), entries);
            return folder;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
