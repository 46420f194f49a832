package dev.tinsmith.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinsmith.cli.terminal.Refusal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {

    @ParameterizedTest
    @ValueSource(strings = {"quickstart", "serve", "model", "checkpoint", "doctor"})
    void everyCommandHasHelp(String command) {
        assertThat(Main.run(command, "--help")).isZero();
    }

    @Test
    void noCommandAtAllIsAMisunderstanding() {
        assertThat(Main.run()).isEqualTo(2);
    }

    @Test
    void anUnknownOptionIsAMisunderstanding() {
        assertThat(Main.run("serve", "--prot", "1")).isEqualTo(2);
    }

    @Test
    void anUnknownModelSourceIsRefused(@TempDir Path data) {
        assertThat(Main.run("model", "add", "a/b", "nowhere", "--data", data.toString()))
                .isEqualTo(1);
        assertThat(data.resolve("models/a--b")).doesNotExist();
    }

    @Test
    void aCheckpointThatIsNotThereIsRefused(@TempDir Path data) {
        assertThat(
                        Main.run(
                                "checkpoint",
                                "export",
                                "tinker://r/weights/w",
                                "--out",
                                data.resolve("out").toString(),
                                "--data",
                                data.toString()))
                .isEqualTo(1);
        assertThat(data.resolve("out")).doesNotExist();
    }

    @Test
    void listsOfNothingAreNoFailure(@TempDir Path data) {
        assertThat(Main.run("model", "list", "--data", data.toString())).isZero();
        assertThat(Main.run("checkpoint", "list", "--data", data.toString())).isZero();
    }

    @Test
    void aFailureLeavesAsOneSentence() {
        assertThat(Failures.sentence(new Refusal("no"))).isEqualTo("no");
        assertThat(Failures.sentence(new UncheckedIOException(new NoSuchFileException("x"))))
                .isEqualTo("there is no 'x'");
        assertThat(Failures.sentence(new AccessDeniedException("x")))
                .isEqualTo("'x' may not be read or written by this user");
        assertThat(Failures.sentence(new FileSystemException("x", "", "No space left on device")))
                .contains("No space left on device");
        assertThat(Failures.sentence(new IOException("reset"))).contains("reset");
        assertThat(Failures.sentence(new IllegalStateException("odd")))
                .contains("a bug of ours", "odd");
    }
}
