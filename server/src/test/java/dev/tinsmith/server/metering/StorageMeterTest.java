package dev.tinsmith.server.metering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tinsmith.server.checkpoint.Checkpoints;
import dev.tinsmith.server.checkpoint.FileStore;
import dev.tinsmith.server.checkpoint.Stored;
import dev.tinsmith.server.future.SteppedClock;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StorageMeterTest {
    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

    @TempDir private Path data;

    private final SteppedClock clock = new SteppedClock();
    private final StorageMeter meter = new StorageMeter(clock);
    private FileStore store;
    private Checkpoints checkpoints;

    @BeforeEach
    void open() {
        store = FileStore.open(data);
        checkpoints = new Checkpoints(store, Stored::copied, clock);
        checkpoints.whenever(meter::count);
    }

    @AfterEach
    void close() {
        store.close();
    }

    /// A checkpoint of a thousand bytes.
    private void save(String name, Optional<Duration> timeToLive) {
        Path draft = Stored.draft(checkpoints.draft(), "x".repeat(1000));
        assertThat(
                        checkpoints
                                .store(Stored.order(Stored.weights(name), false, timeToLive), draft)
                                .size())
                .isEqualTo(1000);
    }

    private List<Double> thousandByteHours(Duration time) {
        return meter.between(Stored.ANN, NOON, NOON.plus(time)).stream()
                .map(bucket -> bucket.amount() * 1e6)
                .toList();
    }

    @Test
    void anHourHoldsTheBytesTimesTheTimeTheyWereThere() {
        clock.pass(Duration.ofMinutes(30));
        save("a", Optional.empty());
        clock.pass(Duration.ofMinutes(75));
        assertThat(checkpoints.delete(Stored.ANN, Stored.weights("a"))).isTrue();
        clock.pass(Duration.ofHours(3));
        assertThat(thousandByteHours(Duration.ofDays(1)))
                .hasSize(2)
                .satisfiesExactly(
                        first -> assertThat(first).isCloseTo(0.5, within(1e-9)),
                        second -> assertThat(second).isCloseTo(0.75, within(1e-9)));
    }

    @Test
    void whatExpiredCountsToItsEndHoweverLateThatIsNoticed() {
        save("a", Optional.of(Duration.ofHours(1)));
        clock.pass(Duration.ofHours(2));
        checkpoints.sweep();
        assertThat(thousandByteHours(Duration.ofDays(1)))
                .singleElement()
                .satisfies(hour -> assertThat(hour).isCloseTo(1, within(1e-9)));
    }

    @Test
    void whatIsThereCountsUpToNow() {
        save("a", Optional.empty());
        save("b", Optional.empty());
        clock.pass(Duration.ofMinutes(90));
        assertThat(thousandByteHours(Duration.ofDays(1)))
                .satisfiesExactly(
                        first -> assertThat(first).isCloseTo(2, within(1e-9)),
                        second -> assertThat(second).isCloseTo(1, within(1e-9)));
    }
}
