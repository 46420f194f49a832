package dev.tinsmith.cli.quickstart;

import dev.tinsmith.cli.config.Setting;
import dev.tinsmith.cli.config.Settings;
import dev.tinsmith.cli.serving.Installation;
import dev.tinsmith.cli.terminal.Refusal;
import dev.tinsmith.models.InstalledModel;
import dev.tinsmith.models.ModelSource;
import dev.tinsmith.models.ModelStore;
import dev.tinsmith.models.Progress;
import dev.tinsmith.models.export.AdapterExport;
import dev.tinsmith.server.checkpoint.Checkpoint;
import dev.tinsmith.server.checkpoint.FileStore;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// The main job, end to end: a model, a server, a client, an adapter.
public final class Quickstart {
    private static final String NAME = "HuggingFaceTB/SmolLM2-135M-Instruct";

    private final Workplace place;
    private final Optional<String> source;
    private final Screen screen;
    private final Story story = new Story();

    /// @param out a new folder for all it makes
    /// @param source of the model; empty for SmolLM2-135M-Instruct from its wheel
    /// @param terminal whether a person watches
    public Quickstart(Path out, Optional<String> source, boolean terminal, PrintStream print) {
        this.place = Workplace.at(out);
        this.source = source;
        this.screen = new Screen(print, terminal);
    }

    /// Does it all.
    ///
    /// @return the exit code: 0 only if the loss fell and the export is whole
    public int run() throws InterruptedException {
        prepare();
        Python python = new Python(place);
        screen.stage("the official client, in a Python environment of its own");
        Path interpreter = python.withClient();
        InstalledModel model = model(python);
        screen.stage("a server on a free port, its data in " + place.data());
        try (Installation server = start()) {
            server.awaitModels();
            screen.stage("training with the official client: examples/quickstart.py");
            Client.train(interpreter, server, model.name(), place.log(), this::hear);
        }
        return finish(model);
    }

    private void prepare() {
        try (Stream<Path> inside =
                Files.isDirectory(place.out()) ? Files.list(place.out()) : Stream.empty()) {
            if (Files.exists(place.out()) && inside.findAny().isPresent()) {
                throw new Refusal(
                        "%s is there already and not empty; name a new folder with --out"
                                .formatted(place.out()));
            }
            Files.createDirectories(place.out());
            Files.createDirectories(place.cache());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private InstalledModel model(Python python) {
        screen.stage("the base model, " + source.orElse(NAME));
        ModelSource from = ModelSource.parse(source.orElseGet(() -> python.smolLm2().toString()));
        String name =
                switch (from) {
                    case ModelSource.Hub hub -> hub.text().substring(3).replaceFirst("@.*", "");
                    case ModelSource.Folder(Path folder) when source.isPresent() ->
                            "local/" + folder.getFileName();
                    case ModelSource.Gguf(Path file) when source.isPresent() ->
                            "local/" + file.getFileName().toString().replaceFirst("\\.gguf$", "");
                    case ModelSource.Folder _, ModelSource.Gguf _ -> NAME;
                };
        return new ModelStore(place.data()).add(name, from, false, Progress.SILENT).model();
    }

    private Installation start() {
        return Installation.start(
                Settings.of(
                        Map.of(
                                Setting.DATA, List.of(place.data().toString()),
                                Setting.PORT, List.of("0")),
                        Map.of()),
                Progress.SILENT);
    }

    private void hear(Event event) {
        story.add(event);
        screen.show(event);
    }

    private int finish(InstalledModel model) {
        screen.line(new LossPlot(story.steps()).text());
        Checkpoint checkpoint = checkpoint();
        screen.stage("the adapter, as PEFT reads it");
        AdapterExport.peft(checkpoint.folder(), place.adapter());
        int adapted = AdapterCheck.of(place.adapter(), model.folder());
        List<String> next = next(model, checkpoint);
        Report.write(place.report(), story, facts(model, checkpoint, adapted), next);
        screen.line("");
        screen.line(
                "loss per token %.3f → %.3f (%.0f %% lower), %.0f tokens/s"
                        .formatted(
                                story.firstLoss(),
                                story.lastLoss(),
                                100 * story.fall(),
                                story.tokens() / story.seconds()));
        screen.line("adapter  %s (%d matrices)".formatted(place.adapter(), adapted));
        screen.line("report   " + place.report());
        screen.line("next:");
        next.forEach(line -> screen.line("  " + line));
        if (!story.fellEnough()) {
            throw new Refusal(
                    "the loss fell by %.0f %%, less than the %.0f %% it should; run it again, or try another --model"
                            .formatted(100 * story.fall(), 100 * Story.ENOUGH));
        }
        return 0;
    }

    private Checkpoint checkpoint() {
        String path =
                story.checkpoint()
                        .orElseThrow(() ->
                                new Refusal(
                                        "the training program saved nothing; its words are in "
                                                + place.log()));
        return FileStore.list(place.data()).stream()
                .filter(checkpoint -> checkpoint.path().toString().equals(path))
                .findFirst()
                .orElseThrow(() -> new Refusal("the server kept no checkpoint " + path));
    }

    private List<String> next(InstalledModel model, Checkpoint checkpoint) {
        return List.of(
                "./tinsmith serve --data " + place.data(),
                "./tinsmith checkpoint export %s --format merged --data %s --out merged"
                        .formatted(checkpoint.path(), place.data()),
                "PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained('%s'), '%s')"
                        .formatted(model.folder(), place.adapter()));
    }

    private List<Report.Fact> facts(InstalledModel model, Checkpoint checkpoint, int adapted) {
        return List.of(
                new Report.Fact("Base model", model.name()),
                new Report.Fact(
                        "Adapter",
                        "rank %d, %d matrices".formatted(checkpoint.lora().rank(), adapted)),
                new Report.Fact("Checkpoint", checkpoint.path().toString()),
                new Report.Fact("Steps", Integer.toString(story.steps().size())),
                new Report.Fact("Tokens", Long.toString(story.tokens())),
                new Report.Fact("Training", "%.1f s".formatted(story.seconds())),
                new Report.Fact(
                        "Speed", "%.0f tokens/s".formatted(story.tokens() / story.seconds())),
                new Report.Fact("Adapter folder", place.adapter().toString()));
    }
}
