package dev.tinsmith.server.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinsmith.engine.Engine;
import dev.tinsmith.server.future.Owner;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TurnsTest {
    private static final Owner ANN = new Owner("ann");
    private static final Owner BEN = new Owner("ben");
    private static final long MILLISECOND = 1_000_000;

    private long now;
    private final Turns turns = new Turns(() -> now);
    private final List<Owner> order = new ArrayList<>();

    private record OfLane(String lane) implements Turn {
        @Override
        public void take(Engine engine) {
            throw new AssertionError("nobody takes it");
        }
    }

    /// Takes the next turn, which is `lane`'s and lasts so long.
    private void next(String lane, long milliseconds) {
        next(lane, milliseconds, () -> {});
    }

    /// Likewise; before it is over, `meanwhile`.
    private void next(String lane, long milliseconds, Runnable meanwhile) {
        Turns.Taken taken = turns.poll().orElseThrow();
        assertThat(taken.turn()).isEqualTo(new OfLane(lane));
        now += milliseconds * MILLISECOND;
        meanwhile.run();
        turns.spent(taken, milliseconds * MILLISECOND);
    }

    private void join(Owner owner, String lane) {
        turns.add(owner, new OfLane(lane));
    }

    private void add(Owner owner, int count) {
        for (int i = 0; i < count; i++) {
            turns.add(owner, _ -> {});
        }
    }

    private void takeAll(long annTakes, long benTakes) {
        for (Optional<Turns.Taken> next = turns.poll(); next.isPresent(); next = turns.poll()) {
            Owner owner = next.get().owner();
            order.add(owner);
            turns.spent(next.get(), (owner.equals(ANN) ? annTakes : benTakes) * MILLISECOND);
        }
    }

    @Test
    void anOwnerOfManyTurnsLetsThoseOfOneIn() {
        add(ANN, 10);
        add(BEN, 1);
        takeAll(1_000, 1_000);

        assertThat(order.indexOf(BEN)).isLessThanOrEqualTo(1);
        assertThat(order).hasSize(11);
    }

    @Test
    void timeCountsAndNotTheNumberOfTurns() {
        add(ANN, 5);
        add(BEN, 200);
        takeAll(1_000, 100);

        int annsLast = order.lastIndexOf(ANN);
        assertThat(Collections.frequency(order.subList(0, annsLast), BEN)).isBetween(30, 50);
    }

    @Test
    void whoComesBackWithEachAnswerIsServedInBetween() {
        add(ANN, 4);
        add(BEN, 1);
        for (int i = 0; i < 4; i++) {
            Turns.Taken next = turns.poll().orElseThrow();
            order.add(next.owner());
            turns.spent(next, 100 * MILLISECOND);
            if (next.owner().equals(BEN)) {
                add(BEN, 1);
            }
        }

        assertThat(order).containsExactly(ANN, BEN, ANN, BEN);
    }

    @Test
    void aShortLaneIsServedUntilItHadWhatALongOneHad() {
        join(ANN, "long");
        next("long", 1_000, () -> join(ANN, "long"));
        for (int step = 0; step < 3; step++) {
            join(ANN, "short");
            next("short", 200, () -> join(ANN, "short"));
            next("short", 100);
        }
        now += Turns.MOMENT;
        next("long", 1_000);
    }

    @Test
    void whoHadMoreIsHeldBackForAMoment() {
        join(ANN, "long");
        next("long", 1_000, () -> join(ANN, "long"));
        join(BEN, "short");
        next("short", 10);

        assertThat(turns.poll()).isEmpty();
        now += Turns.MOMENT - 1;
        assertThat(turns.poll()).isEmpty();
        now++;
        assertThat(turns.poll()).isPresent();
    }

    @Test
    void aLaneThatReturnsInThatMomentIsServedAtOnce() {
        join(ANN, "long");
        join(ANN, "short");
        next("long", 1_000, () -> join(ANN, "long"));
        next("short", 10);
        assertThat(turns.poll()).isEmpty();
        join(ANN, "short");
        next("short", 10);
    }

    @Test
    void nobodyIsHeldBackForOneWhoHadAsMuch() {
        join(ANN, "one");
        next("one", 1_000, () -> join(ANN, "one"));
        join(ANN, "other");
        next("other", 1_000);

        next("one", 1_000);
    }

    @Test
    void theOneWhoSleepsIsWoken() throws InterruptedException {
        Thread sleeper = Thread.ofVirtual().start(turns::wake);

        assertThat(turns.take()).isEmpty();
        sleeper.join();
        add(ANN, 1);
        assertThat(turns.take().map(Turns.Taken::owner)).contains(ANN);
    }
}
