package dev.tinsmith.cli.commands;

import dev.tinsmith.cli.terminal.Teller;
import dev.tinsmith.models.InstalledModel;
import dev.tinsmith.models.ModelSource;
import dev.tinsmith.models.ModelStore;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `tinsmith model`: the base models of a data directory.
@Command(
        name = "model",
        mixinStandardHelpOptions = true,
        description = "Adds and lists base models.",
        synopsisSubcommandLabel = "(add | list)")
public final class ModelCommand {
    private static final String DATA = "the data directory [./data]";

    @Command(
            name = "add",
            mixinStandardHelpOptions = true,
            description = "Takes a base model in; it is there whole or not at all.")
    int add(
            @Parameters(paramLabel = "NAME", description = "what clients call it") String name,
            @Parameters(
                            paramLabel = "SOURCE",
                            description = "a Hugging Face folder, a .gguf file, or hf:owner/name")
                    String source,
            @Option(names = "--replace", description = "in the place of a model of that name")
                    boolean replace,
            @Option(names = "--data", defaultValue = "./data", description = DATA) Path data) {
        ModelStore.Added added =
                new ModelStore(data)
                        .add(name, ModelSource.parse(source), replace, Teller.progress());
        IO.println(
                switch (added.change()) {
                    case ADDED -> "added " + line(added.model());
                    case REPLACED -> "replaced " + line(added.model());
                    case UNCHANGED -> "was there already: " + line(added.model());
                });
        return 0;
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "Lists the base models there are.")
    int list(@Option(names = "--data", defaultValue = "./data", description = DATA) Path data) {
        List<InstalledModel> models = new ModelStore(data).list();
        if (models.isEmpty()) {
            IO.println("no models yet; add one: tinsmith model add NAME SOURCE");
        }
        models.forEach(model -> IO.println(line(model)));
        return 0;
    }

    private static String line(InstalledModel model) {
        return "%s  %s  %.1f M parameters  context %d  %s  from %s"
                .formatted(
                        model.name(),
                        model.architecture(),
                        model.parameters() / 1e6,
                        model.maxContextLength(),
                        Teller.bytes(model.bytes()),
                        model.source());
    }
}
