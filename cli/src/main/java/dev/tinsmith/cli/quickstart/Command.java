package dev.tinsmith.cli.quickstart;

import dev.tinsmith.cli.terminal.Refusal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Another program, run to its end with its words in a log.
final class Command {
    private Command() {}

    /// @param advice what to do if the program fails
    /// @throws Refusal if it cannot be started or does not exit with 0
    static void run(List<String> words, Path log, String advice) {
        try {
            Process process =
                    new ProcessBuilder(words)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                            .start();
            process.getOutputStream().close();
            try (Ended _ = new Ended(process)) {
                if (process.waitFor() != 0) {
                    throw new Refusal(
                            "'%s' failed: %s; %s (all it said is in %s)"
                                    .formatted(shown(words), lastLine(log), advice, log));
                }
            }
        } catch (IOException failure) {
            throw new Refusal("'%s' could not be started; %s".formatted(words.getFirst(), advice));
        } catch (InterruptedException _) {
            throw new Refusal("interrupted");
        }
    }

    /// Ends a process that is still running when its scope is left, or this program is told to end.
    record Ended(Process process) implements AutoCloseable {
        Ended {
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
        }

        @Override
        public void close() {
            process.destroy();
        }
    }

    private static String shown(List<String> words) {
        return String.join(" ", words.subList(0, Math.min(4, words.size())))
                + (words.size() > 4 ? " …" : "");
    }

    private static String lastLine(Path log) {
        try {
            return Files.readAllLines(log).stream()
                    .filter(line -> !line.isBlank())
                    .reduce((_, last) -> last)
                    .orElse("it said nothing");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
