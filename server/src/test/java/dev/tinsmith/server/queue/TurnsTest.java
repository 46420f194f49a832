package dev.tinsmith.server.queue;

import static org.assertj.core.api.Assertions.assertThat;

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

    private final Turns turns = new Turns();
    private final List<Owner> order = new ArrayList<>();

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
    void theOneWhoSleepsIsWoken() throws InterruptedException {
        Thread sleeper = Thread.ofVirtual().start(turns::wake);

        assertThat(turns.take()).isEmpty();
        sleeper.join();
        add(ANN, 1);
        assertThat(turns.take().map(Turns.Taken::owner)).contains(ANN);
    }
}
