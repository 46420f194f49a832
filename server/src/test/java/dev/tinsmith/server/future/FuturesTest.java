package dev.tinsmith.server.future;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinsmith.engine.Fault;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.server.database.Blank;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class FuturesTest {
    private static final Owner ANN = new Owner("ann");
    private static final Owner BOB = new Owner("bob");
    private static final FutureId ID = new FutureId("s:train:0:1");
    private static final FutureState.Settled DONE = new FutureState.Ready(new Outcome.Done());
    private static final FutureState PENDING = new FutureState.Pending();
    private static final Duration LONG = Duration.ofSeconds(30);

    private final SteppedClock clock = new SteppedClock();
    private final Archive archive = new OutcomeTable(Blank.database());
    private final Futures futures =
            new Futures(
                    clock, new Retention(Duration.ofHours(1), Duration.ofMinutes(5), 3), archive);

    private Optional<FutureState> now(FutureId id) {
        return futures.await(ANN, id, Duration.ZERO);
    }

    private FutureId settled(String name) {
        FutureId id = new FutureId(name);
        assertThat(futures.promise(id, Terms.of(ANN))).isTrue();
        futures.settle(id, DONE);
        return id;
    }

    @Test
    void aPromiseIsPendingUntilItIsSettled() {
        assertThat(futures.promise(ID, Terms.of(ANN))).isTrue();
        assertThat(now(ID)).contains(PENDING);

        futures.settle(ID, DONE);

        assertThat(now(ID)).contains(DONE);
        assertThat(now(ID)).contains(DONE);
    }

    @Test
    void allWaitersWakeAtOnce() throws Exception {
        assertThat(futures.promise(ID, Terms.of(ANN))).isTrue();
        CountDownLatch waiting = new CountDownLatch(200);
        try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Optional<FutureState>>> answers = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                answers.add(
                        each.submit(() -> {
                            waiting.countDown();
                            return futures.await(ANN, ID, LONG);
                        }));
            }
            waiting.await();
            long begun = System.nanoTime();
            futures.settle(ID, DONE);
            for (Future<Optional<FutureState>> answer : answers) {
                assertThat(answer.get()).contains(DONE);
            }
            assertThat(Duration.ofNanos(System.nanoTime() - begun))
                    .isLessThan(Duration.ofSeconds(2));
        }
    }

    @Test
    void aWaitThatIsTooShortFindsItPending() {
        assertThat(futures.promise(ID, Terms.of(ANN))).isTrue();

        assertThat(futures.await(ANN, ID, Duration.ofMillis(20))).contains(PENDING);
    }

    @Test
    void anInterruptedWaitEndsAndTheThreadStaysMarked() throws Exception {
        assertThat(futures.promise(ID, Terms.of(ANN))).isTrue();
        List<Object> seen = new ArrayList<>();
        Thread waiter =
                Thread.ofVirtual()
                        .start(() -> {
                            seen.add(futures.await(ANN, ID, LONG).orElseThrow());
                            seen.add(Thread.currentThread().isInterrupted());
                        });
        waiter.interrupt();
        waiter.join();

        assertThat(seen).containsExactly(PENDING, true);
    }

    @Test
    void onlyTheFirstEndCounts() {
        assertThat(futures.promise(ID, Terms.of(ANN))).isTrue();
        futures.settle(ID, DONE);
        futures.settle(ID, new FutureState.Failed(Fault.SERVER, "too late"));

        assertThat(now(ID)).contains(DONE);
    }

    @Test
    void promisingTwiceIsPromisingOnce() {
        settled(ID.value());

        assertThat(futures.promise(ID, Terms.of(ANN))).isFalse();
        assertThat(now(ID)).contains(DONE);
    }

    @Test
    void whatWasNeverPromisedIsNotThere() {
        futures.settle(ID, DONE);

        assertThat(now(ID)).isEmpty();
        assertThat(futures.knows(ID)).isFalse();
    }

    @Test
    void aStrangersFutureIsNotThere() {
        settled(ID.value());

        assertThat(futures.await(BOB, ID, LONG)).isEmpty();
    }

    @Test
    void aFetchedResultIsForgottenSoonerThanOneThatNobodyAskedFor() {
        FutureId fetched = settled("a");
        FutureId unfetched = settled("b");
        assertThat(now(fetched)).isPresent();

        clock.pass(Duration.ofMinutes(6));
        futures.sweep();
        assertThat(futures.knows(fetched)).isFalse();
        assertThat(futures.knows(unfetched)).isTrue();

        clock.pass(Duration.ofMinutes(55));
        futures.sweep();
        assertThat(futures.size()).isZero();
    }

    @Test
    void whatIsPendingIsNeverForgotten() {
        assertThat(futures.promise(ID, Terms.of(ANN))).isTrue();
        assertThat(now(ID)).contains(PENDING);

        clock.pass(Duration.ofDays(30));
        futures.sweep();

        assertThat(now(ID)).contains(PENDING);
    }

    @Test
    void ofTheFetchedOnlySoManyAreKeptAndTheOldestGoFirst() {
        List<FutureId> all = new ArrayList<>();
        for (String name : List.of("a", "b", "c", "d", "e")) {
            all.add(settled(name));
            assertThat(now(all.getLast())).isPresent();
        }
        futures.sweep();

        assertThat(all.stream().filter(futures::knows))
                .containsExactlyElementsOf(all.subList(2, 5));
    }

    private void archived(String name) {
        FutureState.Settled end =
                new FutureState.Told(new Answer(Answer.Form.JSON, new byte[] {1, 2}));
        archive.keep(
                List.of(
                        new Archive.Kept(
                                new FutureId(name),
                                ANN,
                                "s:train:0",
                                7,
                                "print",
                                clock.instant(),
                                Optional.of(end))));
    }

    @Test
    void whatAnEarlierLifeToldIsToldAgainToItsOwner() {
        archived("a");

        assertThat(futures.await(ANN, new FutureId("a"), Duration.ZERO))
                .contains(new FutureState.Told(new Answer(Answer.Form.JSON, new byte[] {1, 2})));
        assertThat(futures.knows(new FutureId("a"))).isTrue();
        assertThat(futures.await(new Owner("bob"), new FutureId("a"), Duration.ZERO)).isEmpty();
    }

    @Test
    void whatIsForgottenIsStillKnownToHaveBeen() {
        archived("a");
        settled("a");
        clock.pass(Duration.ofHours(2));
        futures.sweep();

        assertThat(futures.await(ANN, new FutureId("a"), Duration.ZERO)).isEmpty();
        assertThat(futures.knows(new FutureId("a"))).isTrue();
    }

    @Test
    void whoWaitsIsLetGoWhenTheServerStops() {
        assertThat(futures.promise(ID, Terms.of(ANN))).isTrue();
        futures.hurry();

        assertThat(futures.await(ANN, ID, Duration.ofMinutes(5)))
                .contains(new FutureState.Pending());
    }

    @Test
    void aNameIsMadeOfWhatTheClientCallsTheRequest() {
        assertThat(FutureId.of(new RunId("s:train:0"), 7)).isEqualTo(new FutureId("s:train:0:7"));
    }

    @Test
    void aFailureIsNoResult() {
        Outcome failed = new Outcome.Failed(Fault.USER, "no");

        assertThatThrownBy(() -> new FutureState.Ready(failed))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(FutureState.Settled.of(failed))
                .isEqualTo(new FutureState.Failed(Fault.USER, "no"));
        assertThat(FutureState.Settled.of(new Outcome.Done())).isEqualTo(DONE);
    }
}
