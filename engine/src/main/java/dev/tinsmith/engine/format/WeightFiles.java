package dev.tinsmith.engine.format;

import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// The weights of a Hugging Face folder: `model.safetensors`, or the shards that
/// `model.safetensors.index.json` lists. Any thread may read until it is closed.
public final class WeightFiles implements AutoCloseable {
    /// The only file of weights, where there is one.
    public static final String SINGLE = "model.safetensors";

    /// Says which shard holds which tensor, where there are many.
    public static final String INDEX = "model.safetensors.index.json";

    private final SortedMap<String, Safetensors> shards;
    private final SortedMap<String, Safetensors> homes = new TreeMap<>();
    private final SortedMap<String, TensorSpec> tensors = new TreeMap<>();

    private WeightFiles(SortedMap<String, Safetensors> shards) {
        this.shards = shards;
    }

    /// Opens every file of weights in `folder`.
    ///
    /// @throws FormatException if there are none, or one is missing, elsewhere or broken
    public static WeightFiles open(Path folder) {
        WeightFiles files = new WeightFiles(new TreeMap<>());
        boolean opened = false;
        try {
            if (Files.exists(folder.resolve(SINGLE))) {
                Safetensors only = files.shard(folder, SINGLE);
                only.tensors().keySet().forEach(name -> files.add(name, SINGLE, only));
            } else if (Files.exists(folder.resolve(INDEX))) {
                files.addIndexed(folder);
            } else {
                throw new FormatException(
                        "the folder holds neither %s nor %s; weights in other formats are not read, convert them to safetensors"
                                .formatted(SINGLE, INDEX));
            }
            opened = true;
            return files;
        } finally {
            if (!opened) {
                files.close();
            }
        }
    }

    private void addIndexed(Path folder) {
        index(folder).forEach((name, file) -> add(name, file, shard(folder, file)));
    }

    /// The names of the files in `folder` that weights are kept in, the index included.
    public static List<String> fileNames(Path folder) {
        if (Files.exists(folder.resolve(SINGLE))) {
            return List.of(SINGLE);
        }
        SortedSet<String> names = new TreeSet<>(index(folder).values());
        return Stream.concat(Stream.of(INDEX), names.stream()).toList();
    }

    /// Which shard each tensor is in.
    private static SortedMap<String, String> index(Path folder) {
        JsonNode map = JsonFile.read(FolderFile.inside(folder, INDEX)).path("weight_map");
        if (!map.isObject() || map.isEmpty()) {
            throw new FormatException(
                    "%s has no weight_map; take it from its source again".formatted(INDEX));
        }
        SortedMap<String, String> shards = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry : map.properties()) {
            String file = entry.getValue().asString("");
            if (!FolderFile.isPlain(file) || !file.endsWith(".safetensors")) {
                throw new FormatException(
                        "%s puts %s into %s; shards are .safetensors files in the same folder"
                                .formatted(INDEX, entry.getKey(), entry.getValue()));
            }
            shards.put(entry.getKey(), file);
        }
        return shards;
    }

    private Safetensors shard(Path folder, String file) {
        return shards.computeIfAbsent(
                file, name -> Safetensors.open(FolderFile.inside(folder, name)));
    }

    private void add(String name, String file, Safetensors shard) {
        TensorSpec spec =
                Optional.ofNullable(shard.tensors().get(name))
                        .orElseThrow(() ->
                                new FormatException(
                                        "%s puts %s into %s, which does not hold it; take the files from their source again"
                                                .formatted(INDEX, name, file)));
        tensors.put(name, spec);
        homes.put(name, shard);
    }

    /// Every tensor of the model, by name.
    public SortedMap<String, TensorSpec> tensors() {
        return Collections.unmodifiableSortedMap(tensors);
    }

    /// The bytes of a tensor, read-only, until this is closed. They may lie at any address.
    public MemorySegment data(String name) {
        return home(name).data(name);
    }

    /// The numbers of a tensor, F32, F16 or BF16, as floats.
    public float[] floats(String name) {
        return home(name).floats(name);
    }

    /// `count` of them, from the one at `first` on.
    public float[] floats(String name, long first, int count) {
        return home(name).floats(name, first, count);
    }

    @Override
    public void close() {
        shards.values().forEach(Safetensors::close);
    }

    private Safetensors home(String name) {
        return Optional.ofNullable(homes.get(name))
                .orElseThrow(() ->
                        new FormatException(
                                "the weights hold no tensor %s; they belong to another model, or are broken"
                                        .formatted(name)));
    }
}
