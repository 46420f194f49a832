package dev.tinsmith.server.future;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tinsmith.engine.Fault;
import dev.tinsmith.engine.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class FeedTest {
    private static final Owner ANN = new Owner("ann");
    private static final Duration LONG = Duration.ofSeconds(20);

    private final Feed feed = new Feed();
    private final SteppedClock clock = new SteppedClock();
    private final Futures futures =
            new Futures(clock, Retention.of(Duration.ofHours(1)), Archive.none());

    private FutureId promised(String name, long reader) {
        FutureId id = new FutureId(name);
        assertThat(
                        futures.promise(
                                id,
                                new Terms(ANN, Optional::empty, Optional.of(feed.reader(reader)))))
                .isTrue();
        return id;
    }

    private FutureId settled(String name, long reader) {
        FutureId id = promised(name, reader);
        futures.settle(id, new FutureState.Failed(Fault.USER, "no"));
        return id;
    }

    private Feed.Page now(long reader, long seen) {
        return feed.reader(reader).after(seen, Duration.ZERO);
    }

    @Test
    void endsAreToldInTheirOrderUntilTheReaderHasSeenThem() {
        FutureId first = promised("a", 0);
        FutureId second = settled("b", 0);
        futures.settle(first, new FutureState.Ready(new Outcome.Done()));

        Feed.Page page = now(0, 0);
        assertThat(page.ended()).containsExactly(second, first);
        assertThat(now(0, 0)).as("asked again, since the answer was lost").isEqualTo(page);
        assertThat(now(0, page.cursor()).ended()).isEmpty();

        FutureId third = settled("c", 0);
        assertThat(now(0, page.cursor()).ended()).containsExactly(third);
    }

    @Test
    void eachReaderIsToldOfItsOwn() {
        FutureId mine = settled("a", 0);
        FutureId theirs = settled("b", 7);

        assertThat(now(0, 0).ended()).containsExactly(mine);
        assertThat(now(7, 0).ended()).containsExactly(theirs);
        assertThat(now(8, 0)).isEqualTo(new Feed.Page(List.of(), 0));
    }

    @Test
    void aReaderWhoHasSeenEverythingMissesNothingThatComesLater() {
        settled("a", 0);
        settled("b", 7);
        long seen = now(0, 0).cursor();
        assertThat(now(0, seen).ended()).isEmpty();

        FutureId late = settled("c", 0);

        assertThat(now(0, seen).ended()).containsExactly(late);
    }

    @Test
    void whoeverWaitsWakesAtOnce() throws Exception {
        List<Long> delays = new ArrayList<>();
        try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
            long seen = 0;
            for (int i = 0; i < 50; i++) {
                FutureId id = promised("x" + i, 0);
                long from = seen;
                Future<Feed.Page> page = each.submit(() -> feed.reader(0).after(from, LONG));
                Thread.sleep(2);
                long settled = System.nanoTime();
                futures.settle(id, new FutureState.Ready(new Outcome.Done()));
                assertThat(page.get().ended()).containsExactly(id);
                delays.add(System.nanoTime() - settled);
                seen = page.get().cursor();
            }
        }
        long median = delays.stream().sorted().toList().get(25);
        assertThat(Duration.ofNanos(median)).isLessThan(Duration.ofMillis(20));
    }

    @Test
    void aForgottenPromiseIsNotAnnouncedAnyMore() {
        settled("a", 0);
        clock.pass(Duration.ofHours(2));
        futures.sweep();

        assertThat(now(0, 0).ended()).isEmpty();
    }

    @Test
    void whatHasArrivedIsDroppedAndWhatIsPendingIsNot() {
        FutureId arrived = settled("a", 0);
        FutureId pending = promised("b", 0);
        futures.drop(new Owner("bob"), arrived);
        assertThat(futures.knows(arrived)).isTrue();
        futures.drop(ANN, arrived);
        futures.drop(ANN, pending);
        futures.drop(ANN, new FutureId("never"));

        assertThat(futures.knows(arrived)).isFalse();
        assertThat(futures.knows(pending)).isTrue();
        assertThat(now(0, 0).ended()).isEmpty();
    }

    @Test
    void aCursorThatNoPageHadIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> now(0, 1))
                .withMessage("prev_cursor is 1; it must be 0 or the cursor of the last answer");
        assertThatIllegalArgumentException().isThrownBy(() -> now(0, -1));
    }

    @Test
    void aPromiseThatHasNotBegunSaysWhatItWaitsFor() {
        FutureId id = new FutureId("a");
        assertThat(
                        futures.promise(
                                id,
                                new Terms(ANN, () -> Optional.of("the others"), Optional.empty())))
                .isTrue();

        assertThat(futures.await(ANN, id, Duration.ZERO))
                .contains(new FutureState.Waiting("the others"));
        futures.settle(id, new FutureState.Ready(new Outcome.Done()));
        assertThat(futures.await(ANN, id, Duration.ZERO))
                .contains(new FutureState.Ready(new Outcome.Done()));
    }
}
