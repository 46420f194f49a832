package dev.tinsmith.torch.draw;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinsmith.engine.SamplingSpec;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DrawTest {
    private static final float[] WEIGHTS = {1, 0, 5, 2, 2};

    private static SamplingSpec spec(int topK, double topP) {
        return new SamplingSpec(1, 1, topK, topP, 0, Set.of(), SamplingSpec.StopText.NONE);
    }

    private static int draw(float[] weights, SamplingSpec spec, double uniform) {
        return new Draw(weights, count -> Likeliest.of(weights, count)).from(spec, uniform);
    }

    @Test
    void eachTokenHasItsShareOfTheUnitInterval() {
        assertThat(draw(WEIGHTS, spec(0, 1), 0.0)).isEqualTo(0);
        assertThat(draw(WEIGHTS, spec(0, 1), 0.0999)).isEqualTo(0);
        assertThat(draw(WEIGHTS, spec(0, 1), 0.1001)).isEqualTo(2);
        assertThat(draw(WEIGHTS, spec(0, 1), 0.5999)).isEqualTo(2);
        assertThat(draw(WEIGHTS, spec(0, 1), 0.6001)).isEqualTo(3);
        assertThat(draw(WEIGHTS, spec(0, 1), 0.999999)).isEqualTo(4);
    }

    @Test
    void aTokenWithoutWeightIsNeverDrawn() {
        for (int i = 0; i < 1_000; i++) {
            assertThat(draw(WEIGHTS, spec(0, 1), i / 1_000.0)).isNotEqualTo(1);
        }
    }

    @Test
    void topKLeavesTheLikeliest() {
        assertThat(draw(WEIGHTS, spec(1, 1), 0.999)).isEqualTo(2);
        assertThat(draw(WEIGHTS, spec(3, 1), 0.999)).isIn(3, 4);
    }

    @Test
    void topPLeavesTheSmallestSetThatReachesIt() {
        assertThat(draw(WEIGHTS, spec(0, 0.5), 0.999)).isEqualTo(2);
        assertThat(draw(WEIGHTS, spec(0, 0.51), 0.999)).isEqualTo(3);
    }

    @Test
    void topPCountsWithinTopK() {
        assertThat(draw(WEIGHTS, spec(2, 0.7), 0.999)).isEqualTo(2);
        assertThat(draw(WEIGHTS, spec(2, 0.72), 0.999)).isEqualTo(3);
    }

    @Test
    void aFlatNucleusLooksFurtherThanTheFirst() {
        float[] flat = new float[5_000];
        Arrays.fill(flat, 1);

        assertThat(draw(flat, spec(0, 0.8), 0.9999)).isEqualTo(3_999);
        assertThat(draw(flat, spec(0, 0.999), 0.99999)).isEqualTo(4_994);
    }

    @Test
    void streamsDifferBySeedIndexAndPlace() {
        double number = new RandomStream(1, 0).uniform(0);

        assertThat(number).isBetween(0.0, 1.0).isEqualTo(new RandomStream(1, 0).uniform(0));
        assertThat(new RandomStream(2, 0).uniform(0)).isNotEqualTo(number);
        assertThat(new RandomStream(1, 1).uniform(0)).isNotEqualTo(number);
        assertThat(new RandomStream(1, 0).uniform(1)).isNotEqualTo(number);
        double mean =
                IntStream.range(0, 10_000)
                        .mapToDouble(new RandomStream(3, 1)::uniform)
                        .average()
                        .orElse(0);
        assertThat(mean).isBetween(0.49, 0.51);
    }
}
