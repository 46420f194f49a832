package dev.tinsmith.models.peft;

import dev.tinsmith.engine.LoraSpec;
import dev.tinsmith.engine.format.AdapterConfig;
import dev.tinsmith.engine.format.AdapterFolder;
import dev.tinsmith.engine.format.FolderFile;
import dev.tinsmith.engine.format.FormatException;
import dev.tinsmith.engine.format.Safetensors;
import dev.tinsmith.engine.format.TensorSpec;
import dev.tinsmith.models.InstalledModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// An adapter that another tool wrote, checked against itself and the base it is for; its numbers
/// are not looked at yet.
final class ForeignAdapter implements AutoCloseable {
    private final PeftSettings settings;
    private final Safetensors weights;
    private final SortedMap<String, Part> parts = new TreeMap<>();
    private final SortedMap<String, String> copies = new TreeMap<>();

    private ForeignAdapter(PeftSettings settings, Safetensors weights) {
        this.settings = settings;
        this.weights = weights;
    }

    /// The two factors of one module.
    ///
    /// @param module as the base calls it
    /// @param key as the adapter calls it
    /// @param a its tensor in the file
    /// @param b its tensor in the file
    record Part(
            String module,
            String key,
            int rank,
            double scale,
            Projections.Size size,
            String a,
            String b) {}

    /// Opens the one in `folder`.
    ///
    /// @throws FormatException if it is broken, for another base, or cannot be said here
    static ForeignAdapter open(Path folder, InstalledModel base) {
        PeftSettings settings = PeftSettings.read(folder);
        ForeignAdapter adapter =
                new ForeignAdapter(settings, Safetensors.open(weightsFile(folder)));
        boolean opened = false;
        try {
            adapter.take(Projections.of(base.folder()), base);
            opened = true;
            return adapter;
        } finally {
            if (!opened) {
                adapter.close();
            }
        }
    }

    private static Path weightsFile(Path folder) {
        if (Files.exists(folder.resolve(AdapterFolder.WEIGHTS))) {
            return FolderFile.inside(folder, AdapterFolder.WEIGHTS);
        }
        throw new FormatException(
                Files.exists(folder.resolve("adapter_model.bin"))
                        ? "adapter_model.bin is a pickle, which may hold any program and is not read; save the adapter with safe_serialization=True"
                        : "there is no %s in the folder; name the one that PEFT's save_pretrained wrote"
                                .formatted(AdapterFolder.WEIGHTS));
    }

    private void take(Projections projections, InstalledModel base) {
        SortedMap<String, Pair> pairs = new TreeMap<>();
        for (String tensor : weights.tensors().keySet()) {
            switch (ForeignName.of(tensor)) {
                case ForeignName.Factor(String key, boolean isA) -> {
                    String module =
                            projections
                                    .named(key)
                                    .orElseThrow(() -> unknown(tensor, key, base.name()));
                    pairs.computeIfAbsent(module, _ -> new Pair(key)).add(key, isA, tensor);
                }
                case ForeignName.BaseCopy(String original) -> copies.put(tensor, original);
            }
        }
        pairs.forEach((module, pair) ->
                parts.put(
                        module,
                        part(
                                module,
                                pair,
                                Optional.ofNullable(projections.sizes().get(module)).orElseThrow(),
                                base.name())));
        checkComplete(projections);
        BaseCopies.check(weights, copies, base.folder());
    }

    private static FormatException unknown(String tensor, String key, String base) {
        String why =
                key.contains("experts")
                        ? "factors of experts are not taken in, train them here"
                        : "adapters here change %s, %s and %s of its layers"
                                .formatted(
                                        String.join(", ", AdapterConfig.ATTENTION),
                                        String.join(", ", AdapterConfig.MLP),
                                        AdapterConfig.UNEMBEDDING);
        return new FormatException(
                "%s holds %s, and %s has no such projection; %s, or name the base it was trained on with --base"
                        .formatted(AdapterFolder.WEIGHTS, tensor, base, why));
    }

    private Part part(String module, Pair pair, Projections.Size size, String base) {
        if (!settings.targets().include(pair.key)) {
            throw new FormatException(
                    "%s holds factors of %s, which %s does not target; the two files belong to different adapters"
                            .formatted(AdapterFolder.WEIGHTS, pair.key, AdapterConfig.FILE));
        }
        int rank = settings.rank(pair.key);
        if (rank > LoraSpec.MAX_RANK) {
            throw new FormatException(
                    "%s says the rank of %s is %d; it may be at most %d here"
                            .formatted(AdapterConfig.FILE, pair.key, rank, LoraSpec.MAX_RANK));
        }
        String a = pair.tensor(true);
        String b = pair.tensor(false);
        require(a, List.of((long) rank, (long) size.in()), rank, base);
        require(b, List.of((long) size.out(), (long) rank), rank, base);
        return new Part(module, pair.key, rank, settings.scale(pair.key), size, a, b);
    }

    private void require(String tensor, List<Long> shape, int rank, String base) {
        TensorSpec found = Optional.ofNullable(weights.tensors().get(tensor)).orElseThrow();
        if (!found.shape().equals(shape)) {
            throw new FormatException(
                    "%s holds %s in the shape %s; with rank %d on %s it is %s: name the base it was trained on with --base, or take the adapter from its source again"
                            .formatted(
                                    AdapterFolder.WEIGHTS,
                                    tensor,
                                    found.shape(),
                                    rank,
                                    base,
                                    shape));
        }
    }

    private void checkComplete(Projections projections) {
        if (parts.isEmpty()) {
            throw new FormatException(
                    "%s holds no factors; it is empty, take it from its source again"
                            .formatted(AdapterFolder.WEIGHTS));
        }
        Optional<String> missing =
                projections.sizes().keySet().stream()
                        .filter(_ -> settings.targets().complete())
                        .filter(module -> settings.targets().include(module))
                        .filter(module -> !parts.containsKey(module))
                        .findFirst();
        if (missing.isPresent()) {
            throw new FormatException(
                    "%s lacks the factors of %s, which %s targets; take the adapter from its source again"
                            .formatted(AdapterFolder.WEIGHTS, missing.get(), AdapterConfig.FILE));
        }
    }

    PeftSettings settings() {
        return settings;
    }

    /// Every module that is adapted.
    SortedMap<String, Part> parts() {
        return parts;
    }

    /// The tensors that only repeat what the base has.
    List<String> copies() {
        return List.copyOf(copies.keySet());
    }

    /// The numbers of a tensor.
    ///
    /// @throws FormatException if there is one that is not finite
    float[] numbers(String tensor) {
        float[] numbers = weights.floats(tensor);
        for (float number : numbers) {
            if (!Float.isFinite(number)) {
                throw new FormatException(
                        "%s holds %s in %s; all numbers must be finite, take an earlier save of the adapter"
                                .formatted(AdapterFolder.WEIGHTS, number, tensor));
            }
        }
        return numbers;
    }

    @Override
    public void close() {
        weights.close();
    }

    /// The tensors of one module, as they are found.
    private static final class Pair {
        private final String key;
        private final Map<Boolean, String> tensors = new TreeMap<>();

        Pair(String key) {
            this.key = key;
        }

        void add(String name, boolean isA, String tensor) {
            Optional<String> other = Optional.ofNullable(tensors.putIfAbsent(isA, tensor));
            if (other.isPresent() || !name.equals(key)) {
                throw new FormatException(
                        "%s holds %s beside factors of %s that mean the same; a file has one adapter, save them one by one"
                                .formatted(AdapterFolder.WEIGHTS, tensor, key));
            }
        }

        String tensor(boolean isA) {
            return Optional.ofNullable(tensors.get(isA))
                    .orElseThrow(() ->
                            new FormatException(
                                    "%s lacks lora_%s of %s, the partner of one that is there; take it from its source again"
                                            .formatted(
                                                    AdapterFolder.WEIGHTS, isA ? "A" : "B", key)));
        }
    }
}
