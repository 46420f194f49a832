package dev.tinsmith.engine.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeightFilesTest {
    @TempDir Path directory;

    @Test
    void aSingleFileIsTheWholeModel() throws IOException {
        Path folder = folder();
        shard(folder, "model.safetensors", "a", 1);

        try (WeightFiles weights = WeightFiles.open(folder)) {
            assertThat(weights.tensors()).containsOnlyKeys("a");
            assertThat(weights.floats("a")).containsExactly(1);
        }
    }

    @Test
    void shardsAreOneModel() throws IOException {
        Path folder = folder();
        shard(folder, "model-1.safetensors", "a", 1);
        shard(folder, "model-2.safetensors", "b", 2);
        index(folder, "\"a\":\"model-1.safetensors\",\"b\":\"model-2.safetensors\"");

        try (WeightFiles weights = WeightFiles.open(folder)) {
            assertThat(weights.tensors()).containsOnlyKeys("a", "b");
            assertThat(weights.floats("b")).containsExactly(2);
            assertThat(weights.data("a").byteSize()).isEqualTo(4);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../model-1.safetensors",
                "/model-1.safetensors",
                "sub/model-1.safetensors",
                "..\\\\model-1.safetensors",
                "..",
                "",
                "model-1.bin",
                ".safetensors"
            })
    void anIndexThatLeadsElsewhereIsRefused(String file) throws IOException {
        Path folder = folder();
        shard(directory, "model-1.safetensors", "a", 1);
        index(folder, "\"a\":\"%s\"".formatted(file));

        refuses(folder, "shards are .safetensors files in the same folder");
    }

    @Test
    void aLinkOutOfTheFolderIsRefused() throws IOException {
        Path folder = folder();
        Path outside = shard(directory, "secret.safetensors", "a", 1);
        Files.createSymbolicLink(folder.resolve("model-1.safetensors"), outside);
        index(folder, "\"a\":\"model-1.safetensors\"");

        refuses(folder, "model-1.safetensors is a link out of the model folder");
    }

    @Test
    void aLinkOutOfTheFolderIsRefusedForASingleFileToo() throws IOException {
        Path folder = folder();
        Path outside = shard(directory, "secret.safetensors", "a", 1);
        Files.createSymbolicLink(folder.resolve("model.safetensors"), outside);

        refuses(folder, "model.safetensors is a link out of the model folder");
    }

    @Test
    void aSnapshotOfAHuggingFaceCacheIsRead() throws IOException {
        Path blobs = Files.createDirectories(directory.resolve("blobs"));
        Path snapshot = Files.createDirectories(directory.resolve("snapshots/abc"));
        shard(blobs, "0123", "a", 1);
        Files.createSymbolicLink(
                snapshot.resolve("model.safetensors"), Path.of("../../blobs/0123"));

        try (WeightFiles weights = WeightFiles.open(snapshot)) {
            assertThat(weights.floats("a")).containsExactly(1);
        }
    }

    @Test
    void aShardThatIsMissingIsNamed() throws IOException {
        Path folder = folder();
        index(folder, "\"a\":\"model-1.safetensors\"");
        refuses(folder, "model-1.safetensors is missing");
    }

    @Test
    void aTensorThatItsShardDoesNotHoldIsNamed() throws IOException {
        Path folder = folder();
        shard(folder, "model-1.safetensors", "a", 1);
        index(folder, "\"a\":\"model-1.safetensors\",\"b\":\"model-1.safetensors\"");
        refuses(folder, "puts b into model-1.safetensors, which does not hold it");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"weight_map\":[]}", "{\"weight_map\":{}}"})
    void anIndexWithoutAMapIsRefused(String index) throws IOException {
        Path folder = folder();
        RawFile.text(folder.resolve(WeightFiles.INDEX), index);
        refuses(folder, "has no weight_map");
    }

    @Test
    void aFolderWithoutWeightsSaysWhatIsRead() throws IOException {
        Path folder = folder();
        RawFile.text(folder.resolve("pytorch_model.bin"), "");
        refuses(folder, "holds neither model.safetensors nor model.safetensors.index.json");
    }

    @Test
    void aTensorThatNoModelHasIsNamed() throws IOException {
        Path folder = folder();
        shard(folder, "model.safetensors", "a", 1);
        try (WeightFiles weights = WeightFiles.open(folder)) {
            assertThatThrownBy(() -> weights.floats("b"))
                    .isInstanceOf(FormatException.class)
                    .hasMessageContaining("no tensor b");
        }
    }

    private Path folder() throws IOException {
        return Files.createDirectories(directory.resolve("model"));
    }

    private static void index(Path folder, String map) {
        RawFile.text(folder.resolve(WeightFiles.INDEX), "{\"weight_map\":{%s}}".formatted(map));
    }

    private static Path shard(Path folder, String file, String tensor, float value) {
        Path path = folder.resolve(file);
        Safetensors.write(
                path,
                Map.of(),
                List.of(
                        new Safetensors.Entry(
                                new TensorSpec(tensor, DType.F32, List.of(1L)),
                                MemorySegment.ofArray(new float[] {value}))));
        return path;
    }

    private void refuses(Path folder, String words) {
        assertThatThrownBy(() -> WeightFiles.open(folder).close())
                .isInstanceOf(FormatException.class)
                .hasMessageContaining(words)
                .hasMessageNotContaining(directory.toString());
    }
}
