package dev.tinsmith.server.checkpoint;

import static dev.tinsmith.server.checkpoint.Stored.ANN;
import static dev.tinsmith.server.checkpoint.Stored.BOB;
import static dev.tinsmith.server.checkpoint.Stored.LORA;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArrivalTest {
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

    @TempDir Path data;

    @Test
    void aRunningServerFindsWhatArrives() throws IOException {
        try (FileStore store = FileStore.open(data)) {
            Checkpoints checkpoints =
                    new Checkpoints(store, Stored::copied, InstantSource.fixed(NOW));
            assertThat(checkpoints.list(ANN)).isEmpty();

            List<Checkpoint> arrived = arrive("mine", "factors", Optional.empty());

            Checkpoint weights = arrived.getFirst();
            assertThat(weights.path().toString()).matches("tinker://import-\\w{12}/weights/mine");
            assertThat(checkpoints.find(ANN, weights.path())).contains(weights);
            assertThat(checkpoints.find(BOB, weights.path())).isEmpty();
            assertThat(checkpoints.list(ANN)).containsExactlyInAnyOrderElementsOf(arrived);
            assertThat(checkpoints.ofRun(ANN, weights.path().run())).hasSize(2);
            try (Pin pin = checkpoints.pin(arrived.getLast())) {
                assertThat(Stored.text(pin.folder())).isEqualTo("factors");
            }
            assertThat(checkpoints.delete(ANN, weights.path())).isTrue();
            assertThat(checkpoints.list(ANN)).containsExactly(arrived.getLast());
        }
    }

    @Test
    void whatArrivedWhileNoServerRanIsThereAtTheNextStart() throws IOException {
        List<Checkpoint> arrived = arrive("mine", "factors", Optional.empty());

        assertThat(FileStore.list(data)).containsExactlyInAnyOrderElementsOf(arrived);
        try (FileStore store = FileStore.open(data)) {
            assertThat(store.list()).containsExactlyInAnyOrderElementsOf(arrived);
            assertThat(store.arrived()).isEmpty();
        }
    }

    @Test
    void anArrivalMayEnd() throws IOException {
        List<Checkpoint> arrived = arrive("mine", "factors", Optional.of(Duration.ofHours(1)));

        assertThat(arrived)
                .hasSize(2)
                .allMatch(checkpoint ->
                        checkpoint.expires().equals(Optional.of(NOW.plusSeconds(3600))))
                .allMatch(checkpoint -> checkpoint.metadata().containsKey("imported_from"));
    }

    @Test
    void whatIsNotFinishedLeavesNothing() throws IOException {
        try (Arrival arrival = Arrival.begin(data, "mine")) {
            Stored.draft(arrival.folder(), "half");
        }

        assertThat(FileStore.list(data)).isEmpty();
        try (Stream<Path> left = Files.list(data.resolve("checkpoints"))) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void whatADeadProcessBeganIsClearedAway() throws IOException {
        Path stale = data.resolve("checkpoints/.arriving-99999999-import-1");
        Path alive =
                data.resolve(
                        "checkpoints/.arriving-%d-import-2"
                                .formatted(ProcessHandle.current().pid()));
        Files.createDirectories(stale);
        Files.createDirectories(alive);

        arrive("mine", "factors", Optional.empty());

        assertThat(stale).doesNotExist();
        assertThat(alive).exists();
    }

    @Test
    void aNameThatNoCheckpointMayHaveIsRefusedBeforeAnythingIsWritten() {
        assertThatThrownBy(() -> Arrival.begin(data, "../mine"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cannot be called '../mine'");
        assertThat(data.resolve("checkpoints")).doesNotExist();
    }

    private List<Checkpoint> arrive(String name, String text, Optional<Duration> timeToLive)
            throws IOException {
        try (Arrival arrival = Arrival.begin(data, name)) {
            Stored.draft(arrival.folder(), text);
            return arrival.finish(
                    new Arrival.Facts(
                            ANN,
                            "org/tiny",
                            LORA,
                            new TreeMap<>(Map.of("imported_from", "elsewhere")),
                            timeToLive),
                    NOW);
        }
    }
}
