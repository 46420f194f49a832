package dev.tinsmith.server.queue;

import static dev.tinsmith.server.queue.Bench.BASE;
import static dev.tinsmith.server.queue.Bench.pass;
import static dev.tinsmith.server.queue.Bench.sample;
import static dev.tinsmith.server.queue.Bench.step;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tinsmith.engine.Outcome;
import dev.tinsmith.server.future.FutureId;
import dev.tinsmith.server.future.FutureState;
import dev.tinsmith.server.lane.LocalLane;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EngineThreadTest {
    private static final String RUN = "s:train:0";

    private final Bench bench = new Bench();

    @AfterEach
    void close() {
        bench.close();
    }

    private FutureId drawn(String name, int tokens) {
        FutureId id = new FutureId(name);
        bench.draw(id, sample(tokens), () -> {});
        return id;
    }

    @Test
    void oneThreadAloneTouchesTheEngine() {
        LocalLane lane = bench.lane(RUN);
        FutureId sampled = drawn("x", 3);
        assertThat(bench.end(lane.submit(1, "a", step(RUN)))).isInstanceOf(FutureState.Ready.class);
        assertThat(bench.end(sampled)).isInstanceOf(FutureState.Ready.class);
        bench.thread.close();

        assertThat(bench.engine.threads())
                .singleElement()
                .satisfies(thread -> {
                    assertThat(thread.getName()).isEqualTo("engine");
                    assertThat(thread.isVirtual()).isFalse();
                });
        assertThat(bench.engine.calls()).endsWith("close");
    }

    @Test
    void basesAreLoadedWhenTheirTurnHasCome() throws Exception {
        BlockingQueue<Outcome> loaded = new LinkedBlockingQueue<>();
        bench.thread.load(BASE, loaded::add);

        assertThat(loaded.poll(20, TimeUnit.SECONDS)).isEqualTo(new Outcome.Done());
        assertThat(bench.engine.calls()).contains("load base org/tiny");
    }

    @Test
    void samplesGoOnWhileARunTrains() {
        bench.engine.hold();
        LocalLane lane = bench.lane(RUN);
        FutureId last = new FutureId("none");
        for (int i = 1; i <= 10; i++) {
            last = lane.submit(i, "" + i, pass(RUN));
        }
        FutureId sampled = drawn("x", 5);
        bench.engine.releaseAll();

        assertThat(bench.end(last)).isInstanceOf(FutureState.Ready.class);
        assertThat(bench.end(sampled)).isInstanceOf(FutureState.Ready.class);
        List<String> calls = bench.engine.calls("forward_backward", "decode");
        int first = calls.indexOf("decode");
        assertThat(calls.subList(first, first + 9))
                .containsExactly(
                        "decode",
                        "forward_backward s:train:0",
                        "decode",
                        "forward_backward s:train:0",
                        "decode",
                        "forward_backward s:train:0",
                        "decode",
                        "forward_backward s:train:0",
                        "decode");
    }

    @Test
    void aLongBatchLetsOthersInBetween() {
        bench.engine.hold();
        LocalLane lane = bench.lane(RUN);
        LocalLane other = bench.lane("s:train:1");
        FutureId batch = lane.submit(1, "a", Bench.pass(RUN, 50));
        FutureId step = other.submit(1, "b", step("s:train:1"));
        bench.engine.releaseAll();

        assertThat(bench.end(batch)).isInstanceOf(FutureState.Ready.class);
        assertThat(bench.end(step)).isInstanceOf(FutureState.Ready.class);
        assertThat(bench.engine.calls("forward_backward", "optim_step"))
                .containsExactly("optim_step s:train:1", "forward_backward s:train:0");
    }

    @Test
    void samplesThatArriveJoinThoseThatDecode() {
        Semaphore slice = new Semaphore(0);
        bench.engine.nextDecode(() -> {
            slice.acquireUninterruptibly();
            return List.of();
        });
        FutureId early = drawn("early", 50);
        Bench.until(() -> bench.engine.calls().contains("decode"));
        FutureId late = drawn("late", 2);
        slice.release();

        assertThat(bench.end(late)).isInstanceOf(FutureState.Ready.class);
        assertThat(bench.end(early)).isInstanceOf(FutureState.Ready.class);
        assertThat(bench.engine.calls("admit", "decode").subList(0, 3))
                .containsExactly("admit 1", "decode", "admit 2");
        assertThat(bench.engine.calls("decode")).hasSize(51);
    }

    @Test
    void withNothingToDoItSleeps() throws Exception {
        assertThat(bench.end(drawn("x", 1))).isInstanceOf(FutureState.Ready.class);
        int calls = bench.engine.calls().size();
        Thread engine = bench.engine.threads().iterator().next();
        Bench.until(() -> engine.getState() == Thread.State.WAITING);
        Thread.sleep(50);

        assertThat(engine.getState()).isEqualTo(Thread.State.WAITING);
        assertThat(bench.engine.calls()).hasSize(calls);
    }

    @Test
    void workThatComesWhileItSleepsBeginsAtOnce() throws Exception {
        LocalLane lane = bench.lane(RUN);
        assertThat(bench.end(new FutureId(RUN + ":0"))).isInstanceOf(FutureState.Ready.class);
        Thread.sleep(50);
        long begun = System.nanoTime();
        assertThat(bench.end(lane.submit(1, "a", step(RUN)))).isInstanceOf(FutureState.Ready.class);
        assertThat(bench.end(drawn("x", 1))).isInstanceOf(FutureState.Ready.class);

        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void anErrorEndsTheProcess() {
        Error lost = new OutOfMemoryError("native");
        bench.engine.next(() -> {
            throw lost;
        });
        LocalLane _ = bench.lane(RUN);

        Bench.until(() -> !bench.halts.isEmpty());
        assertThat(bench.halts).containsExactly(lost);
    }

    @Test
    void closingItLetsTheWorkUnderWayEndAndDropsTheRest() {
        bench.engine.hold();
        LocalLane lane = bench.lane(RUN);
        FutureId waiting = lane.submit(1, "a", pass(RUN));
        Bench.until(() -> bench.engine.calls().contains("open s:train:0"));
        Thread closing = Thread.ofVirtual().start(bench.thread::close);
        Bench.until(() -> closing.getState() == Thread.State.WAITING);
        bench.engine.releaseAll();
        bench.thread.close();

        assertThat(bench.now(new FutureId(RUN + ":0"))).isInstanceOf(FutureState.Ready.class);
        assertThat(bench.now(waiting)).isInstanceOf(FutureState.Waiting.class);
        assertThat(bench.engine.calls())
                .endsWith("close")
                .doesNotContain("forward_backward " + RUN);
    }

    @Test
    void anEngineThatCannotCloseKeepsNobodyWaiting() {
        bench.engine.nextDecode(() -> {
            throw new IllegalStateException("broken");
        });
        FutureId failed = drawn("x", 1);

        assertThat(bench.end(failed)).isInstanceOf(FutureState.Failed.class);
        bench.thread.close();
        bench.thread.close();
        assertThat(bench.halts).isEmpty();
    }
}
