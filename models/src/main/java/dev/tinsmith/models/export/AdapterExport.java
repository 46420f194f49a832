package dev.tinsmith.models.export;

import dev.tinsmith.engine.format.AdapterConfig;
import dev.tinsmith.engine.format.AdapterFolder;
import dev.tinsmith.engine.format.FormatException;
import dev.tinsmith.models.DiskSpace;
import dev.tinsmith.models.ModelException;
import dev.tinsmith.models.ModelFiles;
import dev.tinsmith.models.Progress;
import dev.tinsmith.models.WholeFolder;
import dev.tinsmith.models.peft.PeftExport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Writes a checkpoint into a new folder that others can use, whole or not at all.
public final class AdapterExport {
    /// As Hugging Face cuts its own.
    private static final long SHARD_BYTES = 5_000_000_000L;

    private AdapterExport() {}

    /// Exports the checkpoint in the folder `checkpoint` into `into`, which is new or empty.
    ///
    /// @param base the folder of the model underneath; only [ExportFormat#MERGED] reads it
    /// @throws ModelException if it cannot be; then `into` is as it was
    public static void export(
            Path checkpoint, ExportFormat format, Path base, Path into, Progress progress) {
        switch (format) {
            case PEFT -> peft(checkpoint, into);
            case MERGED -> merged(checkpoint, base, into, progress);
            case TINKER -> tinker(checkpoint, into);
        }
    }

    /// Exports for PEFT, for which no base is needed.
    public static void peft(Path checkpoint, Path into) {
        create(
                into,
                folder ->
                        PeftExport.write(
                                checkpoint, AdapterConfig.read(checkpoint).baseModel(), folder));
    }

    private static void tinker(Path checkpoint, Path into) {
        create(
                into,
                folder -> {
                    try (AdapterFolder adapter = AdapterFolder.open(checkpoint)) {
                        Stream<String> adapterFiles =
                                Stream.of(AdapterConfig.FILE, AdapterFolder.WEIGHTS);
                        Stream<String> optimizer =
                                Stream.of(AdapterFolder.OPTIMIZER)
                                        .filter(_ -> adapter.hasMoments());
                        List<String> files = Stream.concat(adapterFiles, optimizer).toList();
                        ModelFiles.copy(checkpoint, files, folder, Progress.SILENT);
                    }
                });
    }

    private static void merged(Path checkpoint, Path base, Path into, Progress progress) {
        merged(checkpoint, base, into, SHARD_BYTES, progress);
    }

    /// @param shardBytes the most that one file of weights holds
    static void merged(Path checkpoint, Path base, Path into, long shardBytes, Progress progress) {
        create(
                into,
                folder -> {
                    try (Merge merge = Merge.open(checkpoint, base)) {
                        DiskSpace.REAL.require(folder, merge.bytes(), "the merged model");
                        merge.write(folder, shardBytes, progress);
                    }
                });
    }

    private static void create(Path into, WholeFolder.Filling filling) {
        Path target = into.toAbsolutePath().normalize();
        requireNew(target);
        Path temporary =
                target.resolveSibling(
                        ".%s.exporting-%d"
                                .formatted(target.getFileName(), ProcessHandle.current().pid()));
        try {
            WholeFolder.create(target, temporary, filling);
        } catch (FormatException refused) {
            throw new ModelException(
                    "the checkpoint cannot be exported: " + refused.getMessage(), refused);
        }
    }

    private static void requireNew(Path target) {
        if (!Files.exists(target)) {
            return;
        }
        boolean empty = false;
        if (Files.isDirectory(target)) {
            try (Stream<Path> inside = Files.list(target)) {
                empty = inside.findAny().isEmpty();
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }
        if (!empty) {
            throw new ModelException(
                    "%s is there already and not an empty folder; name a new one"
                            .formatted(target.getFileName()));
        }
    }
}
