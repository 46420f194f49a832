package dev.tinsmith.conformance.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Where things lie in this checkout, and the words that start its programs.
final class Checkout {
    private static final Path ROOT = root();

    private Checkout() {}

    private static Path root() {
        Path here = Path.of("").toAbsolutePath();
        return Stream.iterate(here, path -> path.getNameCount() > 0, Path::getParent)
                .filter(path -> Files.exists(path.resolve("tinsmith")))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no checkout around " + here));
    }

    static Path conformance() {
        return ROOT.resolve("conformance");
    }

    static Path examples() {
        return ROOT.resolve("examples");
    }

    static Path golden(String checkpoint) {
        return conformance().resolve("golden").resolve(checkpoint).resolve("checkpoint");
    }

    /// A new place for what a class of tests leaves behind, kept until the next time.
    static Path stage(String name) {
        return conformance().resolve("target/stage").resolve(name);
    }

    /// What was tried, a line each, from which docs/compatibility.md is made.
    static Path cells() {
        return conformance().resolve("target/cells");
    }

    static Path python() {
        Path python = conformance().resolve(".venv/bin/python");
        assertThat(python).as("made by conformance/python/make_env.sh").exists();
        return python;
    }

    /// An older version of the client.
    static Path client(String version) {
        Path client = conformance().resolve(".clients").resolve(version);
        assertThat(client).as("made by conformance/python/make_clients.sh").exists();
        return client;
    }

    /// `tinsmith` as its launcher starts it, without the build that the launcher would begin with.
    static List<String> tinsmith(List<String> words) {
        Path packed = ROOT.resolve("cli/target");
        assertThat(packed.resolve("lib")).as("made by mvn package -pl cli -am").exists();
        List<String> java =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-XX:+UseSerialGC",
                        "-Xms32m",
                        "-Xmx512m",
                        "-XX:+ExitOnOutOfMemoryError",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-Dorg.bytedeco.javacpp.nopointergc=true",
                        "-Dorg.bytedeco.javacpp.maxphysicalbytes=0",
                        "-Dtinsmith.home=" + ROOT,
                        "-cp",
                        packed.resolve("tinsmith.jar") + ":" + packed.resolve("lib") + "/*",
                        "dev.tinsmith.cli.Main");
        return Stream.concat(java.stream(), words.stream()).toList();
    }

    /// The GGUF file of SmolLM2-135M-Instruct, if this machine has it.
    static Optional<Path> smolLm2() {
        return Stream.of(
                        Optional.ofNullable(System.getenv("TINSMITH_SMOLLM2_GGUF")).map(Path::of),
                        Optional.of(
                                Path.of(
                                        System.getProperty("user.home"),
                                        ".cache/tinsmith/SmolLM2-135M-Instruct.Q4_1.gguf")))
                .flatMap(Optional::stream)
                .filter(Files::exists)
                .findFirst();
    }
}
