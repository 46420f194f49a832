package dev.tinsmith.server.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.metering.Operation;
import dev.tinsmith.server.metering.Operation.Kind;
import dev.tinsmith.server.metering.Subject;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimelineTest {
    private static final Owner ANN = new Owner("ann");
    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

    private static Operation done(String actor, Kind kind, int asked, int begun, int ended) {
        return new Operation(
                new Subject(ANN, actor.split(":", -1)[0], actor, "tiny"),
                kind,
                NOON.plusSeconds(asked),
                NOON.plusSeconds(begun),
                NOON.plusSeconds(ended),
                3,
                0,
                0,
                false);
    }

    private static List<String> lanes(Operation... operations) {
        return Timeline.of(List.of(operations)).lanes().stream()
                .map(lane -> lane.actor() + " " + lane.track() + " " + lane.spans().size())
                .toList();
    }

    @Test
    void whatWaitsAtOnceWaitsInLanesAndWhatRunsInTurnSharesOne() {
        assertThat(
                        lanes(
                                done("s:train:0", Kind.FORWARD_BACKWARD, 0, 0, 2),
                                done("s:train:0", Kind.FORWARD_BACKWARD, 0, 2, 4),
                                done("s:train:0", Kind.FORWARD_BACKWARD, 1, 4, 6),
                                done("s:train:0", Kind.OPTIM_STEP, 1, 6, 7)))
                .containsExactly(
                        "s:train:0 pass 3",
                        "s:train:0 queue 2",
                        "s:train:0 queue 1",
                        "s:train:0 queue 1",
                        "s:train:0 step 1");
    }

    @Test
    void eachRunAndSamplerHasTracksOfItsOwn() {
        assertThat(
                        lanes(
                                done("s:train:0", Kind.SAVE, 0, 0, 1),
                                done("s:sample:0", Kind.SAMPLE, 0, 0, 1),
                                done("s:sample:0", Kind.SAMPLE, 0, 0, 1)))
                .contains("s:sample:0 sampling 1", "s:sample:0 sampling 1", "s:train:0 save 1");
    }

    @Test
    void aSessionKeepsItsLatestOperationsAndTheQuietestSessionGoesFirst() {
        Traces traces = new Traces();
        for (int i = 0; i < Traces.MOST_OF_ONE + 5; i++) {
            traces.keep(done("a:train:0", Kind.OPTIM_STEP, i, i, i));
        }
        assertThat(traces.of(ANN, "a")).hasSize(Traces.MOST_OF_ONE);
        assertThat(traces.of(ANN, "a").getFirst().asked()).isEqualTo(NOON.plusSeconds(5));
        assertThat(traces.of(new Owner("bob"), "a")).isEmpty();
        for (int i = 0; i < Traces.MOST / Traces.MOST_OF_ONE; i++) {
            for (int j = 0; j < Traces.MOST_OF_ONE; j++) {
                traces.keep(done("b" + i + ":train:0", Kind.OPTIM_STEP, j, j, j));
            }
        }
        assertThat(traces.of(ANN, "a")).isEmpty();
        assertThat(traces.of(ANN, "b0")).hasSize(Traces.MOST_OF_ONE);
    }
}
