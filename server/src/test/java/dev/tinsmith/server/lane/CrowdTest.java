package dev.tinsmith.server.lane;

import static dev.tinsmith.server.queue.Bench.pass;
import static dev.tinsmith.server.queue.Bench.sample;
import static dev.tinsmith.server.queue.Bench.step;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tinsmith.server.future.FutureId;
import dev.tinsmith.server.future.FutureState;
import dev.tinsmith.server.queue.Bench;
import dev.tinsmith.server.queue.Job;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class CrowdTest {
    private static final int RUNS = 24;
    private static final int WORK = 40;
    private static final int SAMPLES = 600;

    private static Job job(String run, long number) {
        return number % 4 == 0 ? step(run) : pass(run);
    }

    /// Sends all work of a run in any order, each piece up to three times, each from a thread of
    /// its own.
    private static void send(ExecutorService each, LocalLane lane, String run, int seed) {
        List<Long> numbers = new ArrayList<>();
        for (int copy = 0; copy < 3; copy++) {
            numbers.addAll(LongStream.rangeClosed(1, WORK).boxed().toList());
        }
        Collections.shuffle(numbers, new Random(seed));
        for (long number : numbers) {
            each.execute(() -> lane.submit(number, "print " + number, job(run, number)));
        }
    }

    @Test
    void aCrowdThatSendsEverythingThriceInAnyOrderGetsWhatOneClientGetsAlone() {
        AtomicInteger finished = new AtomicInteger();
        try (Bench bench = new Bench(SAMPLES)) {
            List<FutureState> alone = new ArrayList<>();
            LocalLane first = bench.lane("alone");
            for (long number = 1; number <= WORK; number++) {
                alone.add(bench.end(first.submit(number, "print", job("alone", number))));
            }
            try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < RUNS; i++) {
                    send(each, bench.lane("run" + i), "run" + i, i);
                }
                for (int i = 0; i < SAMPLES; i++) {
                    FutureId id = new FutureId("sample" + i);
                    int tokens = 1 + i % 17;
                    each.execute(() -> bench.draw(id, sample(tokens), finished::incrementAndGet));
                }
            }
            for (int i = 0; i < RUNS; i++) {
                List<FutureState> ends = new ArrayList<>();
                for (long number = 1; number <= WORK; number++) {
                    ends.add(bench.end(new FutureId("run" + i + ":" + number)));
                }
                assertThat(ends).isEqualTo(alone);
            }
            for (int i = 0; i < SAMPLES; i++) {
                assertThat(bench.end(new FutureId("sample" + i)))
                        .isInstanceOf(FutureState.Ready.class);
            }
            Bench.until(() -> finished.get() == SAMPLES);
            assertThat(bench.engine.calls("forward_backward", "optim_step"))
                    .hasSize((RUNS + 1) * WORK);
            assertThat(bench.engine.threads()).hasSize(1);
            assertThat(bench.counters.read().waitingWork()).isZero();
            assertThat(bench.counters.read().waitingSamples()).isZero();
        }
    }

    @Test
    void closingInTheMiddleOfACrowdEnds() {
        Bench bench = new Bench(SAMPLES);
        try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < RUNS; i++) {
                send(each, bench.lane("run" + i), "run" + i, i);
            }
            bench.close();
        }

        assertThat(bench.engine.calls()).endsWith("close");
        assertThat(bench.halts).isEmpty();
    }
}
