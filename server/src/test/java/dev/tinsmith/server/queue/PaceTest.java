package dev.tinsmith.server.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinsmith.server.future.SteppedClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PaceTest {
    private final SteppedClock clock = new SteppedClock();
    private final Pace pace = new Pace(clock);

    @Test
    void aLineThatNobodyLeftYetPromisesNothing() {
        pace.comes(0);

        assertThat(pace.of(10)).isZero();
        assertThat(pace.place(2, 10)).isEqualTo("position 2 of 10 in line");
    }

    @Test
    void itTakesAsLongAsItTook() {
        pace.comes(0);
        for (int i = 0; i < 20; i++) {
            clock.pass(Duration.ofSeconds(3));
            pace.goes();
        }

        assertThat(pace.of(4)).isEqualTo(Duration.ofSeconds(12));
        assertThat(pace.place(4, 9)).isEqualTo("position 4 of 9 in line, about 12 seconds to go");
    }

    @Test
    void manyWhoLeaveTogetherCountAsMany() {
        pace.comes(0);
        for (int round = 0; round < 5; round++) {
            clock.pass(Duration.ofSeconds(64));
            for (int i = 0; i < 64; i++) {
                pace.goes();
            }
        }

        assertThat(pace.of(100).toSeconds()).isBetween(95L, 105L);
    }

    @Test
    void theTimeInWhichNobodyWaitedDoesNotCount() {
        pace.comes(0);
        clock.pass(Duration.ofSeconds(1));
        pace.goes();
        clock.pass(Duration.ofHours(1));
        pace.comes(0);
        clock.pass(Duration.ofSeconds(1));
        pace.goes();

        assertThat(pace.of(5)).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void aLineThatSlowsDownIsSoonKnownToBeSlow() {
        pace.comes(0);
        for (int i = 0; i < 100; i++) {
            clock.pass(Duration.ofMillis(100));
            pace.goes();
        }
        for (int i = 0; i < 10; i++) {
            clock.pass(Duration.ofSeconds(20));
            pace.goes();
        }

        assertThat(pace.of(1).toSeconds()).isGreaterThan(8);
    }
}
