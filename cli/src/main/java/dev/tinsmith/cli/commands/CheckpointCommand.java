package dev.tinsmith.cli.commands;

import dev.tinsmith.cli.config.Span;
import dev.tinsmith.cli.terminal.Refusal;
import dev.tinsmith.cli.terminal.Teller;
import dev.tinsmith.engine.format.JsonFile;
import dev.tinsmith.models.InstalledModel;
import dev.tinsmith.models.ModelStore;
import dev.tinsmith.models.export.AdapterExport;
import dev.tinsmith.models.export.ExportFormat;
import dev.tinsmith.models.peft.AdapterImport;
import dev.tinsmith.models.peft.Imported;
import dev.tinsmith.server.checkpoint.Arrival;
import dev.tinsmith.server.checkpoint.Checkpoint;
import dev.tinsmith.server.checkpoint.CheckpointPath;
import dev.tinsmith.server.checkpoint.FileStore;
import dev.tinsmith.server.future.Owner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `tinsmith checkpoint`: what runs have saved, with the server running or stopped.
@Command(
        name = "checkpoint",
        mixinStandardHelpOptions = true,
        description = "Lists, exports and imports checkpoints.",
        synopsisSubcommandLabel = "(list | export | import)")
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
                    "%s  %s  rank %d  %s  %s%s%s"
                            .formatted(
                                    checkpoint.path(),
                                    checkpoint.baseModel(),
                                    checkpoint.lora().rank(),
                                    Teller.bytes(checkpoint.size()),
                                    checkpoint.time(),
                                    checkpoint.expires().map(end -> "  expires " + end).orElse(""),
                                    origin(checkpoint)));
        }
        return 0;
    }

    private static String origin(Checkpoint checkpoint) {
        SortedMap<String, String> said = checkpoint.metadata();
        return said.containsKey(Imported.FROM)
                ? "  imported from %s (rank %s, alpha %s)"
                        .formatted(
                                said.get(Imported.FROM),
                                said.get(Imported.RANK),
                                said.get(Imported.ALPHA))
                : "";
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

    @Command(
            name = "import",
            mixinStandardHelpOptions = true,
            description =
                    "Takes in a PEFT LoRA adapter, to go on training from it and to sample from it.")
    int take(
            @Parameters(paramLabel = "DIR", description = "the folder that save_pretrained wrote")
                    Path folder,
            @Option(
                            names = "--base",
                            paramLabel = "NAME",
                            description =
                                    "the base model it was trained on, as it is called here [as the adapter calls it]")
                    Optional<String> base,
            @Option(
                            names = "--name",
                            paramLabel = "NAME",
                            description = "what to call the checkpoint [as the folder]")
                    Optional<String> name,
            @Option(
                            names = "--ttl",
                            paramLabel = "TIME",
                            description = "how long to keep it, such as 12h or 7d [for ever]")
                    Optional<String> ttl,
            @Option(names = "--data", defaultValue = "./data", description = DATA) Path data)
            throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new Refusal(
                    "there is no folder '%s'; name the one that PEFT's save_pretrained wrote"
                            .formatted(folder));
        }
        Optional<Duration> timeToLive = ttl.map(CheckpointCommand::timeToLive);
        InstalledModel model = importBase(folder, base, data);
        try (Arrival arrival = Arrival.begin(data, name.orElseGet(() -> usualName(folder)))) {
            Imported imported = AdapterImport.read(folder, model, arrival.folder());
            List<Checkpoint> arrived =
                    arrival.finish(
                            new Arrival.Facts(
                                    Owner.ADMIN,
                                    model.name(),
                                    imported.lora(),
                                    imported.facts(),
                                    timeToLive),
                            Instant.now());
            imported.remarks().forEach(remark -> IO.println("note: " + remark));
            IO.println("imported %s, an adapter of %s, as".formatted(folder, model.name()));
            arrived.forEach(checkpoint -> IO.println(checkpoint.path().toString()));
        }
        return 0;
    }

    private static Duration timeToLive(String text) {
        return Span.parse(text)
                .filter(Duration::isPositive)
                .orElseThrow(() ->
                        new Refusal("--ttl is '%s'; it must be %s".formatted(text, Span.RULE)));
    }

    /// The folder's name, less what no checkpoint may be called.
    private static String usualName(Path folder) {
        String name = JsonFile.nameOf(folder.toAbsolutePath().normalize());
        String plain = name.replaceAll("[^A-Za-z0-9._-]", "-").replaceFirst("^\\.+", "");
        return plain.isEmpty() ? "adapter" : plain.substring(0, Math.min(128, plain.length()));
    }

    private static InstalledModel importBase(Path folder, Optional<String> named, Path data) {
        ModelStore models = new ModelStore(data);
        String wanted =
                named.or(() -> AdapterImport.baseModel(folder))
                        .orElseThrow(() ->
                                new Refusal(
                                        "%s does not say which base model it is for; name it with --base"
                                                .formatted(folder)));
        return models.find(wanted)
                .orElseThrow(() ->
                        new Refusal(
                                "there is no model '%s' in %s for the adapter; name one of %s with --base, or add it with `tinsmith model add`"
                                        .formatted(
                                                wanted,
                                                data,
                                                models.list().stream()
                                                        .map(InstalledModel::name)
                                                        .toList())));
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
