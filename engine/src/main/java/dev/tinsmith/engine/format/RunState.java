package dev.tinsmith.engine.format;

import dev.tinsmith.engine.LoraSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// All there is of a run, as the engine holds it: flat rows of F32, and what they mean. Written and
/// read by one version of one engine; checkpoints are what others read.
public final class RunState implements AutoCloseable {
    /// The one file of the folder.
    public static final String FILE = "state.safetensors";

    private final Safetensors tensors;
    private final Header header;

    private RunState(Safetensors tensors, Header header) {
        this.tensors = tensors;
        this.header = header;
    }

    /// What the rows mean.
    ///
    /// @param step how many steps the optimizer has taken
    /// @param dtype that of the products; with another one the run has other bits from here on
    public record Header(String base, LoraSpec lora, long step, String dtype) {
        private Map<String, String> texts() {
            return new TreeMap<>(
                    Map.of(
                            "base", base,
                            "rank", "" + lora.rank(),
                            "seed", "" + lora.seed(),
                            "attn", "" + lora.attn(),
                            "mlp", "" + lora.mlp(),
                            "unembed", "" + lora.unembed(),
                            "step", "" + step,
                            "dtype", dtype));
        }

        private static Header of(Map<String, String> texts) {
            try {
                return new Header(
                        text(texts, "base"),
                        new LoraSpec(
                                Integer.parseInt(text(texts, "rank")),
                                Long.parseLong(text(texts, "seed")),
                                Boolean.parseBoolean(text(texts, "attn")),
                                Boolean.parseBoolean(text(texts, "mlp")),
                                Boolean.parseBoolean(text(texts, "unembed"))),
                        Long.parseLong(text(texts, "step")),
                        text(texts, "dtype"));
            } catch (IllegalArgumentException broken) {
                throw new FormatException(
                        "%s makes no sense: %s".formatted(FILE, broken.getMessage()), broken);
            }
        }

        private static String text(Map<String, String> texts, String key) {
            return Optional.ofNullable(texts.get(key))
                    .orElseThrow(() ->
                            new FormatException("%s does not say its %s".formatted(FILE, key)));
        }
    }

    /// Writes a new file into `folder`, without forcing it to the disk.
    ///
    /// @param rows F32, by name
    public static void write(Path folder, Header header, SortedMap<String, MemorySegment> rows) {
        List<TensorSpec> specs = new ArrayList<>();
        rows.forEach((name, row) ->
                specs.add(
                        new TensorSpec(
                                name, DType.F32, List.of(row.byteSize() / DType.F32.bytes()))));
        try (SafetensorsWriter writer =
                SafetensorsWriter.create(folder.resolve(FILE), header.texts(), specs)) {
            for (MemorySegment row : rows.values()) {
                writer.append(row);
            }
            writer.complete();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// Opens what [#write] wrote.
    ///
    /// @throws FormatException if it is missing or broken
    public static RunState open(Path folder) {
        Safetensors tensors = Safetensors.open(folder.resolve(FILE));
        boolean opened = false;
        try {
            RunState state = new RunState(tensors, Header.of(tensors.metadata()));
            opened = true;
            return state;
        } finally {
            if (!opened) {
                tensors.close();
            }
        }
    }

    /// What the rows mean.
    public Header header() {
        return header;
    }

    /// A row, if there is one of this name.
    ///
    /// @param length how many numbers it must have
    public Optional<float[]> row(String name, long length) {
        if (!tensors.tensors().containsKey(name)) {
            return Optional.empty();
        }
        float[] row = tensors.floats(name);
        if (row.length != length) {
            throw new FormatException(
                    "%s holds %d numbers in '%s'; this run has %d"
                            .formatted(FILE, row.length, name, length));
        }
        return Optional.of(row);
    }

    @Override
    public void close() {
        tensors.close();
    }
}
