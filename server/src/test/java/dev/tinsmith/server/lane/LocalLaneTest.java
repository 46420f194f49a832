package dev.tinsmith.server.lane;

import static dev.tinsmith.server.queue.Bench.ANN;
import static dev.tinsmith.server.queue.Bench.pass;
import static dev.tinsmith.server.queue.Bench.step;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinsmith.engine.EngineException;
import dev.tinsmith.engine.Fault;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.Work;
import dev.tinsmith.server.future.FutureId;
import dev.tinsmith.server.future.FutureState;
import dev.tinsmith.server.future.MissingException;
import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.queue.Bench;
import dev.tinsmith.server.queue.BusyException;
import dev.tinsmith.server.queue.Job;
import dev.tinsmith.server.queue.SequenceReusedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LocalLaneTest {
    private static final String RUN = "s:train:0";
    private static final FutureState PENDING = new FutureState.Pending();

    private final Bench bench = new Bench();

    @AfterEach
    void close() {
        bench.close();
    }

    private List<String> calls() {
        return bench.engine.calls("open", "forward_backward", "optim_step", "close s");
    }

    @Test
    void workThatArrivesOutOfOrderIsDoneInOrder() {
        LocalLane lane = bench.lane(RUN);
        FutureId third = lane.submit(3, "c", step(RUN));
        FutureId second = lane.submit(2, "b", pass(RUN));
        assertThat(bench.now(third))
                .isEqualTo(
                        new FutureState.Waiting(
                                "number 1 of its run comes before it, and has not come yet"));

        FutureId first = lane.submit(1, "a", pass(RUN));

        assertThat(bench.end(third)).isInstanceOf(FutureState.Ready.class);
        assertThat(bench.now(first)).isInstanceOf(FutureState.Ready.class);
        assertThat(bench.now(second)).isInstanceOf(FutureState.Ready.class);
        assertThat(calls())
                .containsExactly(
                        "open s:train:0",
                        "forward_backward s:train:0",
                        "forward_backward s:train:0",
                        "optim_step s:train:0");
    }

    @Test
    void anyOrderOfArrivalGivesTheSameResults() {
        List<Long> numbers = new ArrayList<>(LongStream.rangeClosed(1, 40).boxed().toList());
        List<FutureState> expected = new ArrayList<>();
        for (int run = 0; run < 4; run++) {
            String name = "s:train:" + run;
            LocalLane lane = bench.lane(name);
            List<FutureState> ends = new ArrayList<>();
            for (long number : numbers) {
                FutureId _ =
                        lane.submit(number, "" + number, number % 3 == 0 ? step(name) : pass(name));
            }
            for (long number = 1; number <= 40; number++) {
                ends.add(bench.end(new FutureId(name + ":" + number)));
            }
            if (run == 0) {
                expected.addAll(ends);
            }
            assertThat(ends).isEqualTo(expected);
            Collections.shuffle(numbers, new Random(run));
        }
    }

    @Test
    void aRequestThatComesAgainGetsTheFirstPromiseAndIsDoneOnce() {
        LocalLane lane = bench.lane(RUN);
        FutureId first = lane.submit(1, "a", pass(RUN));
        FutureState end = bench.end(first);

        assertThat(lane.submit(1, "a", pass(RUN))).isEqualTo(first);
        assertThat(bench.now(first)).isEqualTo(end);
        assertThat(bench.end(lane.submit(2, "b", step(RUN)))).isInstanceOf(FutureState.Ready.class);
        assertThat(bench.engine.calls("forward_backward")).hasSize(1);
    }

    @Test
    void aRequestThatComesAgainWhileItWaitsIsDoneOnce() {
        LocalLane lane = bench.lane(RUN);
        FutureId early = lane.submit(2, "b", step(RUN));

        assertThat(lane.submit(2, "b", step(RUN))).isEqualTo(early);
        assertThatThrownBy(() -> lane.submit(2, "x", pass(RUN)))
                .isInstanceOf(SequenceReusedException.class);
        FutureId _ = lane.submit(1, "a", pass(RUN));
        assertThat(bench.end(early)).isInstanceOf(FutureState.Ready.class);
        assertThat(bench.engine.calls("optim_step")).hasSize(1);
    }

    @Test
    void anotherRequestUnderAUsedNumberIsRefused() {
        LocalLane lane = bench.lane(RUN);
        FutureId first = lane.submit(1, "a", pass(RUN));

        assertThatThrownBy(() -> lane.submit(1, "x", step(RUN)))
                .isInstanceOfSatisfying(
                        SequenceReusedException.class,
                        reused ->
                                assertThat(reused.reason())
                                        .isEqualTo(
                                                "seq_id 1 of 's:train:0' was used for another request; number this one anew"));
        assertThat(bench.end(first)).isInstanceOf(FutureState.Ready.class);
    }

    @Test
    void oneRequestThatComesManyTimesAtOnceIsDoneOnce() {
        LocalLane lane = bench.lane(RUN);
        try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 50; i++) {
                each.execute(() -> lane.submit(1, "a", pass(RUN)));
            }
        }

        assertThat(bench.end(lane.submit(2, "b", step(RUN)))).isInstanceOf(FutureState.Ready.class);
        assertThat(bench.engine.calls("forward_backward")).hasSize(1);
    }

    @Test
    void aRefusedNumberHoldsUpNobodyAndStaysRefused() {
        LocalLane lane = bench.lane(RUN);
        FutureId third = lane.submit(3, "c", step(RUN));
        lane.reject(2, "learning_rate is -1.0; it must be at least 0");
        FutureId _ = lane.submit(1, "a", pass(RUN));

        assertThat(bench.end(third)).isInstanceOf(FutureState.Ready.class);
        assertThatThrownBy(() -> lane.submit(2, "b", pass(RUN)))
                .isInstanceOf(SequenceReusedException.class)
                .hasMessage(
                        "seq_id 2 of 's:train:0' was refused: learning_rate is -1.0; it must be at least 0");
    }

    @Test
    void aNumberInLineCannotBeRefusedAnyMore() {
        LocalLane lane = bench.lane(RUN);
        FutureId second = lane.submit(2, "b", step(RUN));
        lane.reject(2, "no");
        lane.reject(0, "no");
        lane.reject(1_000_000_000, "far ahead");
        FutureId _ = lane.submit(1, "a", pass(RUN));

        assertThat(bench.end(second)).isInstanceOf(FutureState.Ready.class);
    }

    @Test
    void aRequestThatFailsIsSettledAndTheNextOneRuns() {
        bench.engine.hold();
        LocalLane lane = bench.lane(RUN);
        FutureId refused = lane.submit(1, "a", pass(RUN));
        FutureId broken = lane.submit(2, "b", pass(RUN));
        FutureId thrown = lane.submit(3, "c", pass(RUN));
        FutureId fine = lane.submit(4, "d", step(RUN));
        Bench.until(() -> bench.engine.calls().contains("open s:train:0"));
        bench.engine.next(() -> new Outcome.Done());
        bench.engine.next(() -> new Outcome.Failed(Fault.USER, "a wild learning rate"));
        bench.engine.next(() -> {
            throw new IllegalStateException("/secret/place");
        });
        bench.engine.next(() -> {
            throw new EngineException(Fault.SERVER, "out of memory; make it smaller");
        });
        bench.engine.next(() -> new Outcome.Stepped(1));
        bench.engine.releaseAll();

        assertThat(bench.end(refused))
                .isEqualTo(new FutureState.Failed(Fault.USER, "a wild learning rate"));
        assertThat(bench.end(broken))
                .isEqualTo(
                        new FutureState.Failed(
                                Fault.SERVER, "the server failed; its log says why"));
        assertThat(bench.end(thrown))
                .isEqualTo(new FutureState.Failed(Fault.SERVER, "out of memory; make it smaller"));
        assertThat(bench.end(fine)).isEqualTo(new FutureState.Ready(new Outcome.Stepped(1)));
    }

    @Test
    void theWorkOfARunThatCouldNotBeMadeFailsWithTheReason() {
        bench.engine.next(() -> new Outcome.Failed(Fault.SERVER, "no memory for the base"));
        LocalLane lane = bench.lane(RUN);
        FutureId work = lane.submit(1, "a", pass(RUN));

        assertThat(bench.end(new FutureId(RUN + ":0")))
                .isEqualTo(new FutureState.Failed(Fault.SERVER, "no memory for the base"));
        assertThat(bench.end(work))
                .isEqualTo(
                        new FutureState.Failed(
                                Fault.USER,
                                "training run 's:train:0' could not be made: no memory for the base"));
        assertThat(bench.engine.calls("forward_backward")).isEmpty();
    }

    @Test
    void twoLanesTakeTurns() {
        bench.engine.hold();
        LocalLane one = bench.lane("a");
        LocalLane other = bench.lane("b");
        FutureId last = new FutureId("none");
        for (int i = 1; i <= 4; i++) {
            last = one.submit(i, "" + i, pass("a"));
        }
        for (int i = 1; i <= 4; i++) {
            last = other.submit(i, "" + i, pass("b"));
        }
        bench.engine.releaseAll();

        assertThat(bench.end(last)).isInstanceOf(FutureState.Ready.class);
        assertThat(bench.engine.calls("forward_backward"))
                .containsExactly(
                        "forward_backward a",
                        "forward_backward b",
                        "forward_backward a",
                        "forward_backward b",
                        "forward_backward a",
                        "forward_backward b",
                        "forward_backward a",
                        "forward_backward b");
    }

    @Test
    void workInLineSaysWhereItIsAndWorkUnderWayDoesNot() {
        bench.engine.hold();
        LocalLane lane = bench.lane(RUN);
        FutureId first = lane.submit(1, "a", pass(RUN));
        FutureId second = lane.submit(2, "b", step(RUN));
        Bench.until(() -> bench.engine.calls().contains("open s:train:0"));
        assertThat(bench.now(second)).isEqualTo(new FutureState.Waiting("position 2 of 2 in line"));

        bench.clock.pass(Duration.ofSeconds(8));
        bench.engine.release();
        Bench.until(() -> bench.engine.calls().contains("forward_backward s:train:0"));

        assertThat(bench.now(first)).isEqualTo(PENDING);
        assertThat(bench.now(second))
                .isEqualTo(
                        new FutureState.Waiting("position 1 of 1 in line, about 8 seconds to go"));
    }

    @Test
    void aRequestTooFarAheadIsToldToWait() {
        LocalLane lane = bench.lane(RUN);
        FutureId _ = lane.submit(Slots.AHEAD, "far", step(RUN));

        assertThatThrownBy(() -> lane.submit(Slots.AHEAD + 1, "farther", step(RUN)))
                .isInstanceOfSatisfying(
                        BusyException.class,
                        busy ->
                                assertThat(busy.reason())
                                        .contains("seq_id 1025", "number 1 has not come yet"));
        FutureId _ = lane.submit(1, "a", pass(RUN));
        FutureId _ = lane.submit(Slots.AHEAD + 1, "farther", step(RUN));
    }

    @Test
    void aLaneTakesOnlySoMuchWork() {
        bench.engine.hold();
        LocalLane lane = bench.lane(RUN);
        for (int i = 1; i < LocalLane.MOST_WAITING; i++) {
            FutureId _ = lane.submit(i, "" + i, pass(RUN));
        }

        assertThatThrownBy(() -> lane.submit(LocalLane.MOST_WAITING + 1, "x", pass(RUN)))
                .isInstanceOf(BusyException.class)
                .hasMessageContaining("1024");
    }

    @Test
    void aLaneHoldsOnlySoManyTokensButAlwaysTakesTheNumberThatAllWaitFor() {
        LocalLane lane = bench.lane(RUN);
        assertThat(bench.end(new FutureId(RUN + ":0"))).isInstanceOf(FutureState.Ready.class);
        FutureId second = lane.submit(2, "b", heavy(LocalLane.MOST_TOKENS));

        assertThatThrownBy(() -> lane.submit(3, "c", heavy(1)))
                .isInstanceOf(BusyException.class)
                .hasMessageContaining("with %d tokens".formatted(LocalLane.MOST_TOKENS));
        FutureId _ = lane.submit(1, "a", heavy(7));
        assertThat(bench.end(second)).isInstanceOf(FutureState.Ready.class);
        assertThat(bench.end(lane.submit(3, "c", heavy(1)))).isInstanceOf(FutureState.Ready.class);
    }

    private static Job heavy(long tokens) {
        return new Job() {
            @Override
            public int tokens() {
                return Math.toIntExact(tokens);
            }

            @Override
            public Work begin() {
                return step(RUN).begin();
            }

            @Override
            public Outcome end(Outcome outcome) {
                return outcome;
            }
        };
    }

    @Test
    void aNumberDoneLongAgoIsRefused() {
        LocalLane lane = bench.lane(RUN);
        FutureId last = new FutureId("none");
        for (int i = 1; i <= Slots.MEMORY + 1; i++) {
            last = lane.submit(i, "" + i, step(RUN));
            if (i % 512 == 0) {
                assertThat(bench.end(last)).isInstanceOf(FutureState.Ready.class);
            }
        }

        assertThatThrownBy(() -> lane.submit(1, "1", step(RUN)))
                .isInstanceOf(SequenceReusedException.class)
                .hasMessageContaining("done long ago");
        assertThat(lane.submit(2, "2", step(RUN))).isEqualTo(new FutureId(RUN + ":2"));
        assertThatThrownBy(() -> lane.submit(-1, "x", step(RUN)))
                .isInstanceOf(SequenceReusedException.class);
    }

    @Test
    void aStrangerSeesNothingOfALane() {
        LocalLane lane = bench.lane(RUN);
        FutureId id = lane.submit(1, "a", pass(RUN));

        assertThat(bench.futures.await(new Owner("bob"), id, Duration.ZERO)).isEmpty();
        assertThat(bench.futures.await(ANN, id, Bench.SOON)).isPresent();
    }

    @Test
    void aClosedLaneEndsItsWorkFailsWhatCannotComeAndTakesNoMore() {
        bench.engine.hold();
        LocalLane lane = bench.lane(RUN);
        FutureId first = lane.submit(1, "a", pass(RUN));
        FutureId stranded = lane.submit(3, "c", step(RUN));
        lane.close();
        lane.close();
        bench.engine.releaseAll();

        assertThat(bench.end(first)).isInstanceOf(FutureState.Ready.class);
        assertThat(bench.end(stranded))
                .isInstanceOfSatisfying(
                        FutureState.Failed.class,
                        failed -> assertThat(failed.reason()).contains("number 3"));
        assertThat(lane.submit(1, "a", pass(RUN))).isEqualTo(first);
        assertThatThrownBy(() -> lane.submit(4, "d", step(RUN)))
                .isInstanceOf(MissingException.class)
                .hasMessageContaining("is closed");
        Bench.until(() -> calls().contains("close s:train:0"));
        assertThat(calls())
                .containsExactly("open s:train:0", "forward_backward s:train:0", "close s:train:0");
        assertThat(bench.counters.read().waitingWork()).isZero();
    }

    @Test
    void whatAJobDoesAroundItsWorkHappensInItsTurnAndOnTheEnginesThread() {
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        LocalLane lane = bench.lane(RUN);
        Job around =
                new Job() {
                    @Override
                    public Work begin() {
                        seen.add("begin " + Thread.currentThread().getName());
                        return pass(RUN).begin();
                    }

                    @Override
                    public Outcome end(Outcome outcome) {
                        seen.add("end " + Thread.currentThread().getName());
                        return new Outcome.Done();
                    }
                };
        Job unable =
                new Job() {
                    @Override
                    public Work begin() {
                        throw new EngineException(Fault.USER, "as things stand, no");
                    }

                    @Override
                    public Outcome end(Outcome outcome) {
                        seen.add("never");
                        return outcome;
                    }
                };

        assertThat(bench.end(lane.submit(1, "a", around)))
                .isEqualTo(new FutureState.Ready(new Outcome.Done()));
        assertThat(bench.end(lane.submit(2, "b", unable)))
                .isEqualTo(new FutureState.Failed(Fault.USER, "as things stand, no"));
        assertThat(seen).containsExactly("begin engine", "end engine");
    }

    @Test
    void tokensAreCountedOnceTheyAreTrained() {
        LocalLane lane = bench.lane(RUN);
        FutureId _ = lane.submit(1, "a", pass(RUN));
        FutureId _ = lane.submit(1, "a", pass(RUN));
        assertThat(bench.end(lane.submit(2, "b", step(RUN)))).isInstanceOf(FutureState.Ready.class);

        assertThat(bench.counters.read().trainedTokens()).isEqualTo(3);
        assertThat(bench.counters.read().waitingWork()).isZero();
    }
}
