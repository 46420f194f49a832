package dev.tinsmith.models.export;

import dev.tinsmith.engine.format.AdapterConfig;
import dev.tinsmith.engine.format.AdapterFolder;
import dev.tinsmith.engine.format.AdapterFolder.Factors;
import dev.tinsmith.engine.format.FormatException;
import dev.tinsmith.engine.format.HfConfig;
import dev.tinsmith.engine.format.JsonFile;
import dev.tinsmith.engine.format.SafetensorsWriter;
import dev.tinsmith.engine.format.TensorSpec;
import dev.tinsmith.engine.format.WeightFiles;
import dev.tinsmith.models.Architectures;
import dev.tinsmith.models.ModelFiles;
import dev.tinsmith.models.Progress;
import dev.tinsmith.models.peft.SingleModules;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.node.ObjectNode;

/// An adapter added to its base.
///
/// A tied model's unembedding is its embedding; where an adapter changes the one and not the other,
/// the merged model is not tied any more, so that nothing is lost.
final class Merge implements AutoCloseable {
    private static final String EMBEDDING = "model.embed_tokens.weight";
    private static final String UNEMBEDDING = AdapterConfig.UNEMBEDDING + ".weight";
    private static final String TIED = "tie_word_embeddings";

    private final Path base;
    private final AdapterFolder adapter;
    private final SingleModules modules;
    private final WeightFiles weights;
    private final boolean unties;
    private final SortedMap<String, TensorSpec> merged = new TreeMap<>();

    private Merge(Path base, AdapterFolder adapter, WeightFiles weights, boolean unties) {
        this.base = base;
        this.adapter = adapter;
        this.modules = new SingleModules(adapter);
        this.weights = weights;
        this.unties = unties;
    }

    /// Opens both.
    ///
    /// @throws FormatException if they do not fit
    static Merge open(Path checkpoint, Path base) {
        boolean tied = Architectures.isTied(HfConfig.read(base));
        AdapterFolder adapter = AdapterFolder.open(checkpoint);
        boolean opened = false;
        try {
            Merge merge = over(base, adapter, tied);
            opened = true;
            return merge;
        } finally {
            if (!opened) {
                adapter.close();
            }
        }
    }

    private static Merge over(Path base, AdapterFolder adapter, boolean tied) {
        WeightFiles weights = WeightFiles.open(base);
        boolean planned = false;
        try {
            boolean unties = tied && adapter.modules().contains(AdapterConfig.UNEMBEDDING);
            Merge merge = new Merge(base, adapter, weights, unties);
            merge.plan();
            planned = true;
            return merge;
        } finally {
            if (!planned) {
                weights.close();
            }
        }
    }

    private void plan() {
        merged.putAll(weights.tensors());
        for (String module : modules.names()) {
            String name = module + ".weight";
            String origin = origin(name);
            Factors factors = modules.factors(module);
            TensorSpec found =
                    Optional.ofNullable(weights.tensors().get(origin))
                            .orElseThrow(() ->
                                    new FormatException(
                                            "the adapter adapts %s, which the base does not have; name the base that it was trained on"
                                                    .formatted(module)));
            List<Long> shape = List.of((long) factors.out(), (long) factors.in());
            if (!found.shape().equals(shape)) {
                throw new FormatException(
                        "the adapter adapts %s in the shape %s, and the base's has %s; name the base that it was trained on"
                                .formatted(module, shape, found.shape()));
            }
            merged.put(name, new TensorSpec(name, found.dtype(), shape));
        }
    }

    /// The base's tensor that `name` is computed from.
    private String origin(String name) {
        return unties && name.equals(UNEMBEDDING) ? EMBEDDING : name;
    }

    /// How many bytes the merged weights take.
    long bytes() {
        return merged.values().stream().mapToLong(TensorSpec::bytes).sum();
    }

    /// Writes the merged model into an empty folder.
    void write(Path folder, long shardBytes, Progress progress) throws IOException {
        List<Shard> shards = Shard.deal(merged.values(), shardBytes);
        Tally tally = new Tally(progress, bytes());
        for (Shard shard : shards) {
            try (SafetensorsWriter writer =
                    SafetensorsWriter.create(
                            folder.resolve(shard.file()),
                            Map.of("format", "pt"),
                            shard.tensors())) {
                for (TensorSpec tensor : shard.tensors()) {
                    append(tensor, writer, tally);
                }
                writer.finish();
            }
        }
        Shard.index(folder, shards);
        List<String> small =
                ModelFiles.small(base).stream()
                        .filter(name -> !name.equals(HfConfig.FILE))
                        .toList();
        ModelFiles.copy(base, small, folder, Progress.SILENT);
        writeConfig(folder);
    }

    private void append(TensorSpec tensor, SafetensorsWriter writer, Tally tally)
            throws IOException {
        String name = tensor.name();
        String module = name.replaceFirst("\\.weight$", "");
        if (modules.names().contains(module)) {
            double scale = adapter.config().lora().scale();
            new LowRankSum(modules.factors(module), scale)
                    .append(
                            weights.data(origin(name)),
                            tensor,
                            writer,
                            count -> tally.add(name, count));
        } else {
            writer.append(weights.data(name));
            tally.add(name, tensor.bytes());
        }
    }

    private void writeConfig(Path folder) {
        ObjectNode config = JsonFile.read(base.resolve(HfConfig.FILE));
        if (unties) {
            config.put(TIED, false);
        }
        JsonFile.write(folder.resolve(HfConfig.FILE), config);
    }

    @Override
    public void close() {
        weights.close();
        adapter.close();
    }

    /// Adds up what was written.
    private static final class Tally {
        private final Progress progress;
        private final long total;
        private long done;

        Tally(Progress progress, long total) {
            this.progress = progress;
            this.total = total;
        }

        void add(String tensor, long bytes) {
            done += bytes;
            progress.at(tensor, done, total);
        }
    }
}
