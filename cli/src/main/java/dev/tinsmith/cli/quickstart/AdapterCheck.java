package dev.tinsmith.cli.quickstart;

import dev.tinsmith.cli.terminal.Refusal;
import dev.tinsmith.engine.format.Safetensors;
import dev.tinsmith.engine.format.TensorSpec;
import dev.tinsmith.engine.format.WeightFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Whether an exported folder is one that PEFT loads: its files, names and shapes, held against the
/// base model's own.
final class AdapterCheck {
    private static final String PREFIX = "base_model.model.";
    private static final String A = ".lora_A.weight";
    private static final String B = ".lora_B.weight";

    private final SortedMap<String, TensorSpec> base;
    private final long rank;

    private AdapterCheck(SortedMap<String, TensorSpec> base, long rank) {
        this.base = base;
        this.rank = rank;
    }

    /// @return how many matrices the adapter adapts
    /// @throws Refusal for the first thing that is wrong
    static int of(Path adapter, Path baseFolder) {
        JsonNode config = config(adapter.resolve("adapter_config.json"));
        if (!config.path("peft_type").asString("").equals("LORA")) {
            throw new Refusal("adapter_config.json does not say peft_type LORA");
        }
        try (WeightFiles weights = WeightFiles.open(baseFolder);
                Safetensors factors =
                        Safetensors.open(adapter.resolve("adapter_model.safetensors"))) {
            return new AdapterCheck(weights.tensors(), config.path("r").asLong(0))
                    .check(factors.tensors());
        }
    }

    private int check(Map<String, TensorSpec> factors) {
        int adapted = 0;
        for (String name : factors.keySet()) {
            if (name.endsWith(A)) {
                String module = name.substring(0, name.length() - A.length());
                check(module, find(factors, name), find(factors, module + B));
                adapted++;
            } else if (!name.endsWith(B)) {
                throw new Refusal("%s is no name that PEFT knows".formatted(name));
            }
        }
        if (adapted == 0) {
            throw new Refusal("the adapter adapts nothing");
        }
        return adapted;
    }

    private void check(String module, TensorSpec a, TensorSpec b) {
        TensorSpec weight = find(base, baseName(module.substring(PREFIX.length())));
        long out = weight.shape().get(0);
        long in = weight.shape().get(1);
        if (!a.shape().equals(List.of(rank, in)) || !b.shape().equals(List.of(out, rank))) {
            throw new Refusal(
                    "%s has factors %s and %s; the base's [%d, %d] needs [%d, %d] and [%d, %d]"
                            .formatted(module, a.shape(), b.shape(), out, in, rank, in, out, rank));
        }
    }

    private static TensorSpec find(Map<String, TensorSpec> tensors, String name) {
        return Optional.ofNullable(tensors.get(name))
                .orElseThrow(() -> new Refusal("%s is missing".formatted(name)));
    }

    /// A tied model has no unembedding of its own.
    private String baseName(String module) {
        String own = module + ".weight";
        return module.equals("lm_head") && !base.containsKey(own)
                ? "model.embed_tokens.weight"
                : own;
    }

    private static JsonNode config(Path file) {
        try {
            return JsonMapper.shared().readTree(Files.readString(file));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
