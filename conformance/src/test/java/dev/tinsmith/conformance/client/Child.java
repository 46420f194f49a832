package dev.tinsmith.conformance.client;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Another program, spoken with in lines. What it says on its error stream goes to a file.
final class Child implements AutoCloseable {
    private static final String END = "\0";

    private final Process process;
    private final Path log;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    private Child(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /// @param environment added to ours, less the settings of a server that ours may hold
    static Child start(List<String> words, Map<String, String> environment, Path log) {
        ProcessBuilder builder =
                new ProcessBuilder(words)
                        .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("TIN"));
        builder.environment().putAll(environment);
        try {
            Child child = new Child(builder.start(), log);
            Thread.startVirtualThread(child::listen);
            return child;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void listen() {
        try (BufferedReader said = process.inputReader()) {
            said.lines().forEach(lines::add);
        } catch (IOException | UncheckedIOException _) {
            // It is gone; that is said below.
        }
        lines.add(END);
    }

    void say(String line) {
        try {
            Writer ear = process.outputWriter();
            ear.write(line + "\n");
            ear.flush();
        } catch (IOException _) {
            throw new AssertionError("the program is gone; its last words are in " + log);
        }
    }

    /// Whether it has said nothing that was not heard.
    boolean isSilent() {
        return lines.isEmpty();
    }

    /// Ends it at once (SIGKILL), and waits until it is gone.
    void kill() {
        process.destroyForcibly();
        int _ = exit(Duration.ofSeconds(30));
    }

    /// Its next line.
    String line(Duration patience) {
        try {
            String line = lines.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
            if (line == null) {
                throw new AssertionError("not a word for %s; see %s".formatted(patience, log));
            }
            if (line.equals(END)) {
                throw new AssertionError("the program ended; its last words are in " + log);
            }
            return line;
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    /// All it says until its end.
    List<String> rest(Duration patience) {
        List<String> rest = new ArrayList<>();
        try {
            String line = lines.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
            while (line != null && !line.equals(END)) {
                rest.add(line);
                line = lines.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
            }
            return rest;
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    /// Tells it to stop (SIGTERM) and waits; its exit code.
    int stop(Duration patience) {
        process.destroy();
        return exit(patience);
    }

    /// Waits for its end; its exit code.
    int exit(Duration patience) {
        try {
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("no end after %s; see %s".formatted(patience, log));
            }
            return process.exitValue();
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
