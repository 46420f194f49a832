package dev.tinsmith.server.queue;

import static dev.tinsmith.server.queue.Bench.sample;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinsmith.engine.Engine;
import dev.tinsmith.engine.Fault;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.Weights;
import dev.tinsmith.server.future.FutureId;
import dev.tinsmith.server.future.FutureState;
import dev.tinsmith.server.lane.LocalLane;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SamplesTest {
    private static final String RUN = "s:train:0";

    private final Bench bench = new Bench(4);
    private final AtomicInteger finished = new AtomicInteger();

    @AfterEach
    void close() {
        bench.close();
    }

    private FutureId drawn(String name, int tokens) {
        FutureId id = new FutureId(name);
        bench.draw(id, sample(tokens), finished::incrementAndGet);
        return id;
    }

    private List<FutureId> drawnWhileHeld(int count, int tokens) {
        bench.engine.hold();
        LocalLane _ = bench.lane(RUN);
        Bench.until(() -> bench.engine.calls().contains("open " + RUN));
        List<FutureId> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(drawn("x" + i, tokens));
        }
        return all;
    }

    private static Outcome.Sampled sampled(FutureState state) {
        return (Outcome.Sampled) ((FutureState.Ready) state).outcome();
    }

    @Test
    void aSampleComesBackWithItsTokens() {
        FutureState end = bench.end(drawn("x", 5));

        assertThat(sampled(end).sequences().getFirst().tokens().length()).isEqualTo(5);
        Bench.until(() -> finished.get() == 1);
        assertThat(bench.counters.read().sampledTokens()).isEqualTo(5);
        assertThat(bench.counters.read().waitingSamples()).isZero();
    }

    @Test
    void theSameSampleAgainIsDrawnOnce() {
        FutureId id = drawn("x", 5);
        FutureState end = bench.end(id);
        FutureId again = drawn("x", 7);

        assertThat(bench.now(again)).isEqualTo(end);
        assertThat(bench.engine.calls("admit")).hasSize(1);
        Bench.until(() -> finished.get() == 2);
    }

    @Test
    void onlySoManyMayWaitAndOneThatIsFinishedMakesRoom() {
        List<FutureId> all = drawnWhileHeld(4, 2);

        assertThatThrownBy(() -> drawn("more", 2))
                .isInstanceOfSatisfying(
                        BusyException.class,
                        busy -> assertThat(busy.reason()).startsWith("4 samples wait already"));
        assertThat(bench.futures.knows(new FutureId("more"))).isFalse();
        assertThat(finished).hasValue(1);
        bench.engine.releaseAll();
        for (FutureId id : all) {
            assertThat(bench.end(id)).isInstanceOf(FutureState.Ready.class);
        }
        Bench.until(() -> finished.get() == 5);
        assertThat(bench.end(drawn("more", 2))).isInstanceOf(FutureState.Ready.class);
    }

    @Test
    void aSampleInLineSaysWhereItIs() {
        List<FutureId> all = drawnWhileHeld(3, 1_000_000);
        assertThat(bench.now(all.getLast()))
                .isEqualTo(new FutureState.Waiting("position 3 of 3 in line"));

        bench.engine.queue(List.of(2L, 3L));
        bench.engine.releaseAll();
        Bench.until(() -> bench.engine.calls().contains("decode"));

        assertThat(bench.now(all.getFirst())).isEqualTo(new FutureState.Pending());
        assertThat(bench.now(all.getLast()))
                .isEqualTo(new FutureState.Waiting("position 2 of 2 in line"));
        bench.engine.queue(List.of());
        Bench.until(() -> bench.now(all.getLast()).equals(new FutureState.Pending()));
    }

    @Test
    void aKnownSampleIsNeverTooMany() {
        List<FutureId> all = drawnWhileHeld(4, 2);

        assertThat(drawn("x0", 2)).isEqualTo(all.getFirst());
    }

    @Test
    void anAbandonedSampleEndsAndMakesRoom() {
        List<FutureId> all = drawnWhileHeld(2, 1_000_000);
        bench.samples.abandon(all.getFirst());
        bench.samples.abandon(new FutureId("never"));
        bench.engine.releaseAll();

        assertThat(bench.end(all.getFirst()))
                .isEqualTo(new FutureState.Failed(Fault.USER, "the sample was abandoned"));
        bench.samples.abandon(all.getLast());
        assertThat(bench.end(all.getLast())).isInstanceOf(FutureState.Failed.class);
        assertThat(bench.engine.calls("abandon")).containsExactly("abandon 1", "abandon 2");
        Bench.until(() -> finished.get() == 2);
        assertThat(bench.counters.read().waitingSamples()).isZero();
    }

    @Test
    void aFinishedSampleCannotBeAbandoned() {
        FutureId id = drawn("x", 1);
        FutureState end = bench.end(id);
        bench.samples.abandon(id);
        assertThat(bench.end(drawn("y", 1))).isInstanceOf(FutureState.Ready.class);

        assertThat(bench.now(id)).isEqualTo(end);
        assertThat(bench.engine.calls("abandon")).isEmpty();
    }

    @Test
    void aSampleThatCannotBeAdmittedFailsAlone() {
        FutureId bad = new FutureId("bad");
        Weights gone = new Weights.Adapted(Bench.BASE, Path.of("nowhere"));
        bench.draw(bad, sample(gone, 1), finished::incrementAndGet);

        assertThat(bench.end(bad))
                .isEqualTo(
                        new FutureState.Failed(
                                Fault.SERVER, "the server failed; its log says why"));
        assertThat(bench.end(drawn("good", 1))).isInstanceOf(FutureState.Ready.class);
    }

    @Test
    void aSampleThatFailsInTheEngineFailsWithItsReason() {
        bench.engine.nextDecode(() ->
                List.of(
                        new Engine.Decoded(1, new Outcome.Failed(Fault.USER, "prompt is too long")),
                        new Engine.Decoded(99, new Outcome.Done())));

        assertThat(bench.end(drawn("x", 5)))
                .isEqualTo(new FutureState.Failed(Fault.USER, "prompt is too long"));
    }

    @Test
    void ifDecodingBreaksOffAllThatDecodedFailAndTheNextOnesRun() {
        List<FutureId> all = drawnWhileHeld(3, 5);
        bench.engine.nextDecode(() -> {
            throw new IllegalStateException("broken");
        });
        bench.engine.releaseAll();

        for (FutureId id : all) {
            assertThat(bench.end(id))
                    .isEqualTo(
                            new FutureState.Failed(
                                    Fault.SERVER, "the server failed; its log says why"));
        }
        assertThat(bench.engine.calls("abandon")).hasSize(3);
        assertThat(bench.end(drawn("y", 5))).isInstanceOf(FutureState.Ready.class);
    }
}
