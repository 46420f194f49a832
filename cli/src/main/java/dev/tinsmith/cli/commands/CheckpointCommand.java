package dev.tinsmith.cli.commands;

import dev.tinsmith.cli.terminal.Refusal;
import dev.tinsmith.cli.terminal.Teller;
import dev.tinsmith.models.InstalledModel;
import dev.tinsmith.models.ModelStore;
import dev.tinsmith.models.export.AdapterExport;
import dev.tinsmith.models.export.ExportFormat;
import dev.tinsmith.server.checkpoint.Checkpoint;
import dev.tinsmith.server.checkpoint.CheckpointPath;
import dev.tinsmith.server.checkpoint.FileStore;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `tinsmith checkpoint`: what runs have saved, with the server running or stopped.
@Command(
        name = "checkpoint",
        mixinStandardHelpOptions = true,
        description = "Lists and exports checkpoints.",
        synopsisSubcommandLabel = "(list | export)")
public final class CheckpointCommand {
    private static final String DATA = "the data directory [./data]";

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "Lists the checkpoints of a data directory, newest first.")
    int list(@Option(names = "--data", defaultValue = "./data", description = DATA) Path data) {
        List<Checkpoint> checkpoints = live(data);
        if (checkpoints.isEmpty()) {
            IO.println("no checkpoints yet");
        }
        for (Checkpoint checkpoint : checkpoints) {
            IO.println(
                    "%s  %s  rank %d  %s  %s%s"
                            .formatted(
                                    checkpoint.path(),
                                    checkpoint.baseModel(),
                                    checkpoint.lora().rank(),
                                    Teller.bytes(checkpoint.size()),
                                    checkpoint.time(),
                                    checkpoint
                                            .expires()
                                            .map(end -> "  expires " + end)
                                            .orElse("")));
        }
        return 0;
    }

    @Command(
            name = "export",
            mixinStandardHelpOptions = true,
            description = "Writes a checkpoint into a new folder that others can use.")
    int export(
            @Parameters(paramLabel = "tinker://…", description = "the checkpoint's path")
                    String path,
            @Option(
                            names = "--format",
                            defaultValue = "peft",
                            description =
                                    "peft: an adapter; merged: a whole model; tinker: as it is, with the optimizer [peft]")
                    String format,
            @Option(names = "--out", required = true, description = "a new folder") Path out,
            @Option(names = "--data", defaultValue = "./data", description = DATA) Path data) {
        ExportFormat form = ExportFormat.parse(format);
        Checkpoint checkpoint = find(data, CheckpointPath.parse(path));
        AdapterExport.export(
                checkpoint.folder(),
                form,
                form == ExportFormat.MERGED ? base(data, checkpoint) : data,
                out,
                Teller.progress());
        IO.println("exported %s as %s to %s".formatted(path, form, out));
        return 0;
    }

    private static Checkpoint find(Path data, CheckpointPath path) {
        return live(data).stream()
                .filter(checkpoint -> checkpoint.path().equals(path))
                .findFirst()
                .orElseThrow(() ->
                        new Refusal(
                                "there is no checkpoint %s in %s; `tinsmith checkpoint list --data %s` shows those there are"
                                        .formatted(path, data, data)));
    }

    private static Path base(Path data, Checkpoint checkpoint) {
        return new ModelStore(data)
                .find(checkpoint.baseModel())
                .map(InstalledModel::folder)
                .orElseThrow(() ->
                        new Refusal(
                                "the base model %s is not in %s; add it again to merge into it"
                                        .formatted(checkpoint.baseModel(), data)));
    }

    private static List<Checkpoint> live(Path data) {
        Instant now = Instant.now();
        return FileStore.list(data).stream()
                .filter(checkpoint -> !checkpoint.isExpired(now))
                .sorted(Comparator.comparing(Checkpoint::time).reversed())
                .toList();
    }
}
