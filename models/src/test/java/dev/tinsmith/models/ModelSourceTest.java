package dev.tinsmith.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinsmith.models.hub.HubRepo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelSourceTest {
    @TempDir Path directory;

    @Test
    void aFolderIsAFolder() {
        assertThat(ModelSource.parse(directory.toString()))
                .isEqualTo(new ModelSource.Folder(directory));
    }

    @Test
    void theSamePlaceWrittenAnotherWayIsTheSameSource() {
        assertThat(ModelSource.parse(directory + "/."))
                .isEqualTo(ModelSource.parse(directory.toString()));
    }

    @Test
    void aGgufFileIsKnownByItsEnding() throws IOException {
        Path file = Files.createFile(directory.resolve("model.Q4.GGUF"));
        assertThat(ModelSource.parse(file.toString())).isEqualTo(new ModelSource.Gguf(file));
    }

    @Test
    void aRepositoryOfTheHubMayNameARevision() {
        assertThat(ModelSource.parse("hf:owner/my.model-1"))
                .isEqualTo(new ModelSource.Hub(new HubRepo("owner", "my.model-1", "main")));
        assertThat(ModelSource.parse("hf:owner/name@refs/pr/1").text())
                .isEqualTo("hf:owner/name@refs/pr/1");
        assertThat(ModelSource.parse("hf:owner/name@main").text()).isEqualTo("hf:owner/name");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hf:",
                "hf:name",
                "hf:owner/",
                "hf:owner/name@",
                "hf:../name",
                "hf:owner/name/more",
                "hf:owner/name@../../x",
                "hf:own er/name"
            })
    void whatNamesNoRepositoryIsRefused(String text) {
        assertThatThrownBy(() -> ModelSource.parse(text))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("'%s' names no repository of the Hub".formatted(text));
    }

    @Test
    void whatIsNotThereIsRefusedWithTheKindsThereAre() {
        assertThatThrownBy(() -> ModelSource.parse("/no/such/thing"))
                .isInstanceOf(ModelException.class)
                .hasMessage(
                        "'/no/such/thing' is no file or folder; give a folder with config.json, a .gguf file, or hf:owner/name");
        assertThatThrownBy(() -> ModelSource.parse("a\0b"))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("is no path");
    }

    @Test
    void aFileOfAnotherKindIsRefused() throws IOException {
        Path file = Files.createFile(directory.resolve("model.bin"));
        assertThatThrownBy(() -> ModelSource.parse(file.toString()))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("is neither a folder nor a .gguf file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"name", "owner/name", "a", "_", "meta-llama/Llama-3.2-1B", "0.1/x_y-"})
    void theseAreNames(String name) {
        assertThat(new ModelName(name)).hasToString(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", ".", "..", "../x", "a/../b", "/a", "a/", "a/b/c", "a b", "a--b", "-a", "a/.b",
                "a/-b", "ä", "a\\b"
            })
    void theseAreNot(String name) {
        assertThatThrownBy(() -> new ModelName(name))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("'%s' is no name for a model".formatted(name));
    }
}
