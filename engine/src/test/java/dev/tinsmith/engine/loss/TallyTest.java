package dev.tinsmith.engine.loss;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinsmith.engine.Floats;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TallyTest {
    private static LossFunction.Evaluation evaluation(double loss, double seen) {
        return new LossFunction.Evaluation(
                loss,
                Floats.of(),
                new TreeMap<>(Map.of("custom/a:sum", seen, "custom/a:mean", seen)));
    }

    @Test
    void lossesAreAddedUpAndMetricsAsTheirNamesSay() {
        Tally tally = new Tally();
        tally.add(evaluation(1.5, 2));
        tally.add(evaluation(2.5, 5));

        assertThat(tally.metrics())
                .containsOnly(
                        Map.entry("loss:sum", 4.0),
                        Map.entry("custom/a:sum", 7.0),
                        Map.entry("custom/a:mean", 3.5));
    }
}
