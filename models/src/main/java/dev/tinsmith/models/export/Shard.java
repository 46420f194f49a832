package dev.tinsmith.models.export;

import static java.util.Comparator.comparingInt;

import dev.tinsmith.engine.format.JsonFile;
import dev.tinsmith.engine.format.TensorSpec;
import dev.tinsmith.engine.format.WeightFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// One file of a model's weights.
///
/// @param tensors wider dtypes first, so that each lies at a multiple of its dtype's size
record Shard(String file, List<TensorSpec> tensors) {
    Shard {
        tensors = tensors.stream().sorted(comparingInt(tensor -> -tensor.dtype().bytes())).toList();
    }

    /// Deals `tensors` out, in their order, to as few files as their order allows.
    ///
    /// @param limit the bytes that one holds at most, unless a single tensor has more
    static List<Shard> deal(Collection<TensorSpec> tensors, long limit) {
        List<List<TensorSpec>> parts = new ArrayList<>();
        long room = 0;
        for (TensorSpec tensor : tensors) {
            if (parts.isEmpty() || tensor.bytes() > room) {
                parts.add(new ArrayList<>());
                room = limit;
            }
            parts.getLast().add(tensor);
            room -= tensor.bytes();
        }
        if (parts.size() == 1) {
            return List.of(new Shard(WeightFiles.SINGLE, parts.getFirst()));
        }
        List<Shard> shards = new ArrayList<>();
        for (List<TensorSpec> part : parts) {
            String file =
                    "model-%05d-of-%05d.safetensors".formatted(shards.size() + 1, parts.size());
            shards.add(new Shard(file, part));
        }
        return shards;
    }

    /// Writes the index of `shards`, if they are several.
    static void index(Path folder, List<Shard> shards) {
        if (shards.size() == 1) {
            return;
        }
        ObjectNode index = JsonFile.empty();
        long bytes =
                shards.stream()
                        .flatMap(shard -> shard.tensors.stream())
                        .mapToLong(TensorSpec::bytes)
                        .sum();
        index.putObject("metadata").put("total_size", bytes);
        ObjectNode map = index.putObject("weight_map");
        shards.forEach(
                shard -> shard.tensors.forEach(tensor -> map.put(tensor.name(), shard.file)));
        JsonFile.write(folder.resolve(WeightFiles.INDEX), index);
    }
}
