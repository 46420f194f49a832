package dev.tinsmith.models.peft;

import dev.tinsmith.engine.format.AdapterConfig;
import dev.tinsmith.engine.format.HfConfig;
import dev.tinsmith.models.Architectures;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// The modules of a base that an adapter may change, and their sizes.
record Projections(SortedMap<String, Size> sizes) {
    private static final String WEIGHT = ".weight";
    private static final String EMBEDDING = "model.embed_tokens";

    /// How many numbers a module takes and gives.
    record Size(int in, int out) {}

    /// Those of the base in `folder`. A tied base has an unembedding too, its embedding.
    static Projections of(Path folder) {
        SortedMap<String, List<Long>> tensors = Architectures.tensors(HfConfig.read(folder));
        SortedMap<String, Size> sizes = new TreeMap<>();
        for (Map.Entry<String, List<Long>> tensor : tensors.entrySet()) {
            String module = tensor.getKey().replaceFirst("\\.weight$", "");
            if (kind(module).isPresent() && tensor.getKey().endsWith(WEIGHT)) {
                sizes.put(module, size(tensor.getValue()));
            }
        }
        Optional.ofNullable(tensors.get(EMBEDDING + WEIGHT))
                .ifPresent(shape -> sizes.putIfAbsent(AdapterConfig.UNEMBEDDING, size(shape)));
        return new Projections(sizes);
    }

    private static Size size(List<Long> shape) {
        return new Size(Math.toIntExact(shape.get(1)), Math.toIntExact(shape.get(0)));
    }

    /// What is adapted together or not at all.
    enum Kind {
        ATTENTION,
        FEED_FORWARD,
        UNEMBEDDING
    }

    /// What `module` belongs to, if it can be adapted.
    static Optional<Kind> kind(String module) {
        if (module.contains(".experts.")) {
            return Optional.empty();
        }
        String leaf = module.substring(module.lastIndexOf('.') + 1);
        if (AdapterConfig.ATTENTION.contains(leaf)) {
            return Optional.of(Kind.ATTENTION);
        }
        if (AdapterConfig.MLP.contains(leaf)) {
            return Optional.of(Kind.FEED_FORWARD);
        }
        return module.equals(AdapterConfig.UNEMBEDDING)
                ? Optional.of(Kind.UNEMBEDDING)
                : Optional.empty();
    }

    /// The module that an adapter calls `key`, which may have been made for a part of a model, or
    /// for one that wraps it.
    Optional<String> named(String key) {
        String plain = key.replace("language_model.", "");
        return List.of(
                        key,
                        plain,
                        "model." + plain,
                        plain.replaceFirst("^model\\.", ""),
                        plain.replaceFirst(
                                "^(model\\.)?unembed_tokens$", AdapterConfig.UNEMBEDDING))
                .stream()
                .filter(name -> sizes.containsKey(name))
                .findFirst();
    }
}
