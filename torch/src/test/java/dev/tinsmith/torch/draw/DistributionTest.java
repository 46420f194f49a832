package dev.tinsmith.torch.draw;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tinsmith.engine.SamplingSpec;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is drawn, held against the distribution written down in the plainest way in double
/// precision.
class DistributionTest {
    private static final int VOCABULARY = 600;
    private static final int GRID = 10_000;

    private static float[] scores() {
        Random random = new Random(4);
        float[] scores = new float[VOCABULARY];
        for (int id = 0; id < VOCABULARY; id++) {
            scores[id] = (float) (2 * random.nextGaussian());
        }
        scores[17] = scores[400];
        scores[3] = scores[99];
        return scores;
    }

    private static float[] weights(float[] scores, double temperature) {
        double most =
                IntStream.range(0, scores.length).mapToDouble(id -> scores[id]).max().orElse(0);
        float[] weights = new float[scores.length];
        for (int id = 0; id < scores.length; id++) {
            weights[id] = (float) Math.exp((scores[id] - most) / temperature);
        }
        return weights;
    }

    private static double[] reference(float[] scores, double temperature, int topK, double topP) {
        double[] p = new double[scores.length];
        for (int id = 0; id < p.length; id++) {
            p[id] = Math.exp(scores[id] / temperature);
        }
        List<Integer> order =
                IntStream.range(0, p.length)
                        .boxed()
                        .sorted(
                                Comparator.comparingDouble((Integer id) -> -scores[id])
                                        .thenComparing(Comparator.naturalOrder()))
                        .toList();
        List<Integer> top = topK > 0 ? order.subList(0, Math.min(topK, p.length)) : order;
        double enough = topP * top.stream().mapToDouble(id -> p[id]).sum();
        double sum = 0;
        int kept = 0;
        while (kept < top.size() && (sum < enough || kept == 0)) {
            sum += p[top.get(kept++)];
        }
        double[] all = new double[p.length];
        for (int id : top.subList(0, kept)) {
            all[id] = p[id] / sum;
        }
        return all;
    }

    private static SamplingSpec spec(double temperature, int topK, double topP) {
        return new SamplingSpec(
                1, temperature, topK, topP, 0, Set.of(), SamplingSpec.StopText.NONE);
    }

    /// Each token owns an interval of the random numbers, so a fine grid of them shows its length.
    @ParameterizedTest
    @CsvSource({
        "1, -1, 1",
        "0.3, -1, 1",
        "1.7, -1, 1",
        "1000000000, -1, 1",
        "1, 1, 1",
        "1, 2, 1",
        "1, 7, 1",
        "1, 599, 1",
        "1, 600, 1",
        "1, 5000, 1",
        "1, -1, 0.9",
        "1, -1, 0.5",
        "1, -1, 0.05",
        "1, -1, 0.000000001",
        "1, -1, 0.9999999",
        "0.7, 50, 0.95",
        "1.5, 300, 0.8",
        "1000000000, 3, 1",
        "1000000000, 300, 0.9",
    })
    void aTokenIsDrawnAsOftenAsItsProbabilitySays(double temperature, int topK, double topP) {
        float[] scores = scores();
        Draw draw = new Draw(weights(scores, temperature), count -> Likeliest.of(scores, count));
        double[] expected = reference(scores, temperature, topK, topP);

        int[] counts = new int[VOCABULARY];
        for (int i = 0; i < GRID; i++) {
            counts[draw.from(spec(temperature, topK, topP), (i + 0.5) / GRID)]++;
        }

        for (int id = 0; id < VOCABULARY; id++) {
            assertThat((double) counts[id])
                    .as("token %d", id)
                    .isCloseTo(GRID * expected[id], within(1.1));
            assertThat(counts[id] > 0 && expected[id] == 0)
                    .as("token %d is left out", id)
                    .isFalse();
        }
    }

    @Test
    void severalAtOnceAreThoseThatOneByOneAreDrawn() {
        float[] weights = weights(scores(), 0.9);
        Draw draw = new Draw(weights, _ -> new int[0]);
        double[] uniforms = new Random(6).doubles(5_000).toArray();

        int[] several = Draw.several(weights, uniforms);

        for (int i = 0; i < several.length; i++) {
            assertThat(several[i]).isEqualTo(draw.from(spec(0.9, -1, 1), uniforms[i]));
        }
    }

    @Test
    void severalFindNoTokenWithoutWeight() {
        float[] weights = {0, 0, 3, 0, 1, 0};

        assertThat(Draw.several(weights, 0, 0.7499, 0.75, Math.nextDown(1.0)))
                .containsExactly(2, 2, 4, 4);
    }

    /// The quantile of χ² with 19 degrees of freedom that one in 10,000 exceeds is 50.8.
    @Test
    void seedsIndicesAndPlacesEachGiveTheDistribution() {
        float[] weights = new float[20];
        for (int id = 0; id < weights.length; id++) {
            weights[id] = 1 + id;
        }
        double sum = 210;

        assertThat(chiSquare(weights, sum, i -> new RandomStream(i, 0).uniform(0)))
                .isLessThan(50.8);
        assertThat(chiSquare(weights, sum, i -> new RandomStream(9, i).uniform(0)))
                .isLessThan(50.8);
        assertThat(chiSquare(weights, sum, i -> new RandomStream(9, 0).uniform(i)))
                .isLessThan(50.8);
        assertThat(chiSquare(weights, sum, i -> new RandomStream(9, -i).uniform(3)))
                .isLessThan(50.8);
    }

    private static double chiSquare(float[] weights, double sum, IntToDoubleFunction uniform) {
        int draws = 100_000;
        int[] tokens =
                Draw.several(weights, IntStream.range(0, draws).mapToDouble(uniform).toArray());
        double[] counts = new double[weights.length];
        for (int token : tokens) {
            counts[token]++;
        }
        double chiSquare = 0;
        for (int id = 0; id < counts.length; id++) {
            double expected = draws * weights[id] / sum;
            chiSquare += (counts[id] - expected) * (counts[id] - expected) / expected;
        }
        return chiSquare;
    }
}
