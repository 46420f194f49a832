package dev.tinsmith.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SweeperTest {
    private final Semaphore passing = new Semaphore(0);
    private final List<Duration> slept = new CopyOnWriteArrayList<>();

    private void sleep(Duration time) throws InterruptedException {
        slept.add(time);
        passing.acquire();
    }

    @Test
    void itSweepsAfterEveryPauseEvenIfOneBroomBreaks() throws Exception {
        CountDownLatch swept = new CountDownLatch(2);
        Runnable broken =
                () -> {
                    throw new IllegalStateException("broken");
                };
        Duration pause = Duration.ofSeconds(30);
        try (Sweeper _ = Sweeper.start(this::sleep, pause, List.of(broken, swept::countDown))) {
            passing.release(2);
            assertThat(swept.await(10, TimeUnit.SECONDS)).isTrue();
        }

        assertThat(slept).isNotEmpty().containsOnly(pause);
    }

    @Test
    void closingItEndsItsThread() {
        Sweeper sweeper = Sweeper.start(Sleeper.real(), Duration.ofHours(1), List.of());

        sweeper.close();
        sweeper.close();
        assertThat(slept).isEmpty();
    }
}
