package dev.tinsmith.cli.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tinsmith.cli.terminal.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Against adapters that `peft` itself wrote.
class AdapterCheckTest {
    private static final Path GOLDEN = Path.of("../conformance/golden");

    @ParameterizedTest
    @CsvSource({"untied, 15", "tied, 15", "sharded, 8"})
    void whatPeftWroteIsWhole(String golden, int adapted) {
        Path folder = GOLDEN.resolve(golden);

        assertThat(AdapterCheck.of(folder.resolve("adapter"), folder.resolve("checkpoint")))
                .isEqualTo(adapted);
    }

    @Test
    void anAdapterOfAnotherModelIsNot() {
        assertThatExceptionOfType(Refusal.class)
                .isThrownBy(() ->
                        AdapterCheck.of(
                                GOLDEN.resolve("untied/adapter"),
                                GOLDEN.resolve("wide_heads/checkpoint")))
                .withMessageContaining("has factors");
    }

    @Test
    void aRankThatIsNotTheFilesIsNot(@TempDir Path adapter) throws IOException {
        Path whole = GOLDEN.resolve("untied/adapter");
        Files.copy(
                whole.resolve("adapter_model.safetensors"),
                adapter.resolve("adapter_model.safetensors"));
        Files.writeString(
                adapter.resolve("adapter_config.json"),
                Files.readString(whole.resolve("adapter_config.json"))
                        .replace("\"r\": 8", "\"r\": 4"));

        assertThatExceptionOfType(Refusal.class)
                .isThrownBy(() -> AdapterCheck.of(adapter, GOLDEN.resolve("untied/checkpoint")));
    }
}
