package dev.tinsmith.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// From the moment at which the engine is done to the moment at which the client knows.
class WakeUpTest {
    private static final int ROUNDS = 31;

    @TempDir Path data;

    @Test
    void aLongPollWakesAtOnce() throws Exception {
        List<Duration> waits = new ArrayList<>();
        try (Running running = Running.in(data);
                ExecutorService client = Executors.newVirtualThreadPerTaskExecutor()) {
            String run = running.run(running.session());
            running.engine.hold();
            for (int round = 1; round <= ROUNDS; round++) {
                Visit.Told submitted = running.step(run, round, 1e-3);
                Future<Visit.Told> told = client.submit(() -> running.visit.result(submitted));
                while (running.engine.calls("optim_step").size() < round) {
                    Thread.sleep(1);
                }
                Thread.sleep(10);
                assertThat(told.isDone()).isFalse();
                long done = System.nanoTime();
                running.engine.release();
                assertThat(told.get().text()).contains("grad_norm");
                waits.add(Duration.ofNanos(System.nanoTime() - done));
            }
        }
        Duration median = waits.stream().sorted().toList().get(ROUNDS / 2);
        IO.println("a long poll wakes after %d microseconds".formatted(median.toNanos() / 1000));
        assertThat(median).isLessThan(Duration.ofMillis(50));
    }
}
