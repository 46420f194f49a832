package dev.tinsmith.cli.quickstart;

import dev.tinsmith.cli.serving.Installation;
import dev.tinsmith.cli.terminal.Refusal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.function.Consumer;

/// The training program, run as its user would run it: a key, an address, and the official client.
final class Client {
    private Client() {}

    /// Runs the program to its end and hears what it says.
    ///
    /// @throws Refusal if it fails; its words are in `log`
    static void train(
            Path python, Installation server, String model, Path log, Consumer<Event> hear)
            throws InterruptedException {
        Path program = home().resolve("examples/quickstart.py");
        ProcessBuilder builder =
                new ProcessBuilder(
                        python.toString(), program.toString(), "--base-model", model, "--events");
        Map<String, String> environment = builder.environment();
        environment.put("TINKER_BASE_URL", server.url());
        environment.put("TINKER_API_KEY", server.key());
        environment.put("HF_ENDPOINT", server.url() + "/hf");
        environment.put("HF_HOME", log.resolveSibling("hf-cache").toString());
        environment.put("PYTHONUNBUFFERED", "1");
        builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            try (Command.Ended _ = new Command.Ended(process);
                    BufferedReader said = process.inputReader(StandardCharsets.UTF_8)) {
                for (String line : (Iterable<String>) said.lines()::iterator) {
                    Files.writeString(
                            log, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
                    hear.accept(Event.parse(line));
                }
                if (process.waitFor() != 0) {
                    throw new Refusal(
                            "the training program failed; all it said is in %s".formatted(log));
                }
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static Path home() {
        return Path.of(System.getProperty("tinsmith.home", "."));
    }
}
