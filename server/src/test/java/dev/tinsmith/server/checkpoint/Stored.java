package dev.tinsmith.server.checkpoint;

import dev.tinsmith.engine.LoraSpec;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.server.future.Owner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Checkpoints for tests.
public final class Stored {
    public static final Owner ANN = new Owner("ann");
    public static final Owner BOB = new Owner("bob");
    public static final RunId RUN = new RunId("6d1f:train:0");
    public static final LoraSpec LORA = new LoraSpec(8, -3, true, false, true);
    public static final Instant CREATED = Instant.parse("2026-11-24T11:00:00Z");

    private Stored() {}

    public static CheckpointPath weights(String name) {
        return new CheckpointPath(RUN, CheckpointKind.WEIGHTS, name);
    }

    public static SaveOrder order(CheckpointPath path) {
        return order(path, false, Optional.empty());
    }

    public static SaveOrder order(
            CheckpointPath path, boolean overwrite, Optional<Duration> timeToLive) {
        return new SaveOrder(
                path,
                ANN,
                "org/tiny",
                LORA,
                overwrite,
                new TreeMap<>(Map.of("note", "a \"quoted\"\nnote")),
                timeToLive,
                new Checkpoint.Origin(
                        CREATED, new TreeMap<>(Map.of("renderer_name", "qwen3")), Optional.empty()),
                List.of());
    }

    /// An external form that copies the adapter.
    public static void copied(Path saved, String baseModel, Path into) {
        try {
            Files.copy(saved.resolve("adapter"), into.resolve("adapter"));
            Files.writeString(into.resolve("base"), baseModel);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// A draft that holds `text`.
    public static Path draft(Path draft, String text) {
        try {
            Files.writeString(draft.resolve("adapter"), text);
            return draft;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// What [#draft] wrote.
    public static String text(Path folder) {
        try {
            return Files.readString(folder.resolve("adapter"));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
