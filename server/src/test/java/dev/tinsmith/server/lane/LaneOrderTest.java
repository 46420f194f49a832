package dev.tinsmith.server.lane;

import static dev.tinsmith.server.queue.Bench.pass;
import static dev.tinsmith.server.queue.Bench.step;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.Work;
import dev.tinsmith.server.future.FutureId;
import dev.tinsmith.server.future.FutureState;
import dev.tinsmith.server.queue.Bench;
import dev.tinsmith.server.queue.Job;
import dev.tinsmith.server.queue.SequenceReusedException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A lane under any order of arrival, with repetitions, changes and refusals anywhere in it.
class LaneOrderTest {
    private static final int NUMBERS = 60;

    private final Bench bench = new Bench();
    private final List<Long> done = Collections.synchronizedList(new ArrayList<>());

    @AfterEach
    void close() {
        bench.close();
    }

    static LongStream seeds() {
        return LongStream.range(0, 60);
    }

    /// One thing that arrives.
    private record Arrival(long number, Manner manner) {}

    private enum Manner {
        AS_IT_IS,
        REFUSED,
        CHANGED
    }

    private static List<Arrival> arrivals(Random random) {
        List<Arrival> arrivals = new ArrayList<>();
        for (long number = 1; number <= NUMBERS; number++) {
            Manner first = random.nextInt(5) == 0 ? Manner.REFUSED : Manner.AS_IT_IS;
            arrivals.add(new Arrival(number, first));
        }
        Collections.shuffle(arrivals, random);
        for (int i = 0; i < NUMBERS; i++) {
            int place = random.nextInt(arrivals.size());
            long number = arrivals.get(place).number();
            Manner again = random.nextBoolean() ? Manner.CHANGED : arrivals.get(place).manner();
            arrivals.add(
                    place + 1 + random.nextInt(arrivals.size() - place),
                    new Arrival(number, again));
        }
        return arrivals;
    }

    /// Notes its number when it is computed.
    private Job noting(String run, long number) {
        Job job = number % 3 == 0 ? step(run) : pass(run);
        return new Job() {
            @Override
            public Work begin() {
                done.add(number);
                return job.begin();
            }

            @Override
            public Outcome end(Outcome outcome) {
                return job.end(outcome);
            }
        };
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void eachNumberIsDoneOnceAndInItsTurnWhateverArrivesWhen(long seed) {
        String run = "s:train:0";
        LocalLane lane = bench.lane(run);
        Set<Long> refused = new HashSet<>();
        Set<Long> taken = new HashSet<>();
        for (Arrival arrival : arrivals(new Random(seed))) {
            long number = arrival.number();
            if (arrival.manner() == Manner.REFUSED && !taken.contains(number)) {
                lane.reject(number, "no");
                refused.add(number);
            } else if (refused.contains(number)
                    || (arrival.manner() == Manner.CHANGED && taken.contains(number))) {
                assertThatExceptionOfType(SequenceReusedException.class)
                        .isThrownBy(() -> lane.submit(number, "changed", noting(run, number)));
            } else {
                assertThat(lane.submit(number, "print " + number, noting(run, number)))
                        .isEqualTo(new FutureId(run + ":" + number));
                taken.add(number);
            }
        }

        for (long number : taken) {
            assertThat(bench.end(new FutureId(run + ":" + number)))
                    .isInstanceOf(FutureState.Ready.class);
        }
        assertThat(done).isSorted().containsExactlyInAnyOrderElementsOf(taken);
        assertThat(taken.size() + refused.size()).isEqualTo(NUMBERS);
        assertThat(bench.counters.read().waitingWork()).isZero();
    }
}
