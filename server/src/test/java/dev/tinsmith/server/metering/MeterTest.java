package dev.tinsmith.server.metering;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.future.SteppedClock;
import dev.tinsmith.server.metering.Operation.Kind;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class MeterTest {
    private static final Owner ANN = new Owner("ann");
    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

    private final SteppedClock clock = new SteppedClock();
    private final Meter meter = new Meter(clock);

    private void done(Owner owner, Kind kind, long read, long written, boolean failed) {
        Subject subject = new Subject(owner, "s", "s:train:0", "tiny");
        Instant now = clock.instant();
        meter.count(new Operation(subject, kind, now, now, now, read, 0, written, failed));
    }

    private String told(Instant from, Instant until) {
        return String.join(
                ", ",
                meter.between(ANN, from, until).stream()
                        .map(bucket ->
                                "%s %s %.0f"
                                        .formatted(bucket.hour(), bucket.use(), bucket.amount()))
                        .toList());
    }

    @Test
    void threeSequencesTwiceAreTheirTokensTwice() {
        for (int step = 0; step < 2; step++) {
            done(ANN, Kind.FORWARD_BACKWARD, 10 + 20 + 30, 0, false);
            done(ANN, Kind.OPTIM_STEP, 0, 0, false);
        }
        assertThat(told(NOON, NOON.plus(Bucket.HOUR)))
                .isEqualTo("2026-11-24T12:00:00Z TRAINING 120");
    }

    @Test
    void whatIsOnlyReadIsPrefillAndWhatFailedIsNothing() {
        done(ANN, Kind.FORWARD, 7, 0, false);
        done(ANN, Kind.SAMPLE, 5, 40, false);
        done(ANN, Kind.SAMPLE, 1000, 0, true);
        assertThat(told(NOON, NOON.plus(Bucket.HOUR)))
                .isEqualTo("2026-11-24T12:00:00Z PREFILL 12, 2026-11-24T12:00:00Z SAMPLED 40");
    }

    @Test
    void tokensFromACacheAreCountedByThemselves() {
        Subject subject = new Subject(ANN, "s", "s:sample:0", "tiny");
        meter.count(new Operation(subject, Kind.SAMPLE, NOON, NOON, NOON, 100, 96, 8, false));
        assertThat(told(NOON, NOON.plus(Bucket.HOUR)))
                .isEqualTo(
                        "2026-11-24T12:00:00Z PREFILL 4, 2026-11-24T12:00:00Z CACHED_PREFILL 96, 2026-11-24T12:00:00Z SAMPLED 8");
    }

    @Test
    void anHourHoldsWhatEndedInIt() {
        clock.pass(Duration.ofMinutes(59));
        done(ANN, Kind.FORWARD, 1, 0, false);
        clock.pass(Duration.ofMinutes(1));
        done(ANN, Kind.FORWARD, 2, 0, false);
        assertThat(told(NOON, NOON.plus(Bucket.HOUR))).isEqualTo("2026-11-24T12:00:00Z PREFILL 1");
        assertThat(told(NOON.plus(Bucket.HOUR), NOON.plus(Duration.ofDays(1))))
                .isEqualTo("2026-11-24T13:00:00Z PREFILL 2");
    }

    @Test
    void nobodySeesAnothersUseAndOldUseIsForgotten() {
        done(new Owner("bob"), Kind.FORWARD, 1, 0, false);
        assertThat(told(NOON, NOON.plus(Bucket.HOUR))).isEmpty();
        done(ANN, Kind.FORWARD, 1, 0, false);
        clock.pass(Duration.ofDays(16));
        meter.sweep();
        assertThat(told(NOON, NOON.plus(Bucket.HOUR))).isEmpty();
    }
}
