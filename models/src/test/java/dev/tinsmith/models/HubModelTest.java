package dev.tinsmith.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinsmith.models.ModelStore.Added;
import dev.tinsmith.models.ModelStore.Change;
import dev.tinsmith.models.hub.FakeHub;
import dev.tinsmith.models.hub.HubClient;
import dev.tinsmith.models.hub.RecordingSleeper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A model from the Hub into the store.
class HubModelTest {
    private static final ModelSource SOURCE = ModelSource.parse("hf:acme/tiny");

    @TempDir Path directory;

    private final FakeHub hub = new FakeHub();
    private Path models;

    @BeforeEach
    void fill() throws IOException {
        models = directory.resolve("data/models");
        Path tiny = TinyFolder.write(directory.resolve("tiny"));
        try (Stream<Path> files = Files.list(tiny)) {
            for (Path file : files.toList()) {
                hub.file(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
    }

    @AfterEach
    void close() {
        hub.close();
    }

    @Test
    void aModelOfTheHubIsAddedAndItsDownloadSwept() throws IOException {
        Added added = store(DiskSpace.REAL).add("acme/tiny", SOURCE, false, Progress.SILENT);

        assertThat(added.change()).isEqualTo(Change.ADDED);
        assertThat(added.model().source()).isEqualTo("hf:acme/tiny");
        assertThat(added.model().parameters()).isEqualTo(1040);
        assertThat(models.resolve(".downloads/acme--tiny")).doesNotExist();
        assertThat(added.model().folder().resolve("model.safetensors"))
                .hasSameBinaryContentAs(directory.resolve("tiny/model.safetensors"));
    }

    @Test
    void aDownloadThatFailsLeavesNoModelAndIsContinued() {
        hub.then((_, _) -> false, (_, _) -> false, (_, _) -> false, FakeHub.cutAfter(100));
        for (int i = 0; i < 5; i++) {
            hub.then((exchange, _) -> {
                exchange.sendResponseHeaders(500, -1);
                return true;
            });
        }
        ModelStore store = store(DiskSpace.REAL);

        assertThatThrownBy(() -> store.add("acme/tiny", SOURCE, false, Progress.SILENT))
                .isInstanceOf(ModelException.class)
                .hasMessageStartingWith("acme/tiny cannot be added: the Hub fails to give");
        assertThat(store.list()).isEmpty();
        assertThat(models.resolve("acme--tiny")).doesNotExist();

        store.add("acme/tiny", SOURCE, false, Progress.SILENT);
        assertThat(store.list()).hasSize(1);
    }

    @Test
    void aModelThatIsBrokenOnTheHubIsNotAdded() {
        hub.file(
                "config.json", "{\"architectures\": [\"Other\"]}".getBytes(StandardCharsets.UTF_8));
        ModelStore store = store(DiskSpace.REAL);

        assertThatThrownBy(() -> store.add("acme/tiny", SOURCE, false, Progress.SILENT))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("config.json says the architecture is Other");
        assertThat(store.list()).isEmpty();
        assertThat(models.resolve("acme--tiny")).doesNotExist();
    }

    @Test
    void aDiskThatIsTooFullIsSaidBeforeTheDownload() {
        assertThatThrownBy(() -> store(_ -> 100).add("acme/tiny", SOURCE, false, Progress.SILENT))
                .isInstanceOf(ModelException.class)
                .hasMessageStartingWith("downloading acme/tiny takes");
        assertThat(List.of(models.resolve("acme--tiny"))).allMatch(Files::notExists);
    }

    private ModelStore store(DiskSpace disk) {
        return new ModelStore(
                directory.resolve("data"),
                () -> new HubClient(hub.address(), Optional.empty(), new RecordingSleeper()),
                InstantSource.system(),
                disk);
    }
}
