package dev.tinsmith.torch.draw;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LikeliestTest {
    @Test
    void theHighestScoreComesFirst() {
        float[] scores = {1, -3, 7, Float.NEGATIVE_INFINITY, 7.5f};

        assertThat(Likeliest.of(scores, 3)).containsExactly(4, 2, 0);
        assertThat(Likeliest.of(scores, 9)).containsExactly(4, 2, 0, 1, 3);
        assertThat(Likeliest.of(scores, 0)).isEmpty();
    }

    @Test
    void ofEqualScoresTheLowestIdComesFirst() {
        assertThat(Likeliest.of(new float[] {0f, -0f, 0f, -0f}, 3)).containsExactly(0, 1, 2);
        assertThat(Likeliest.of(new float[] {-1, 2, 2, -1, 2}, 4)).containsExactly(1, 2, 4, 0);
    }

    @Test
    void itSortsAsASortWould() {
        Random random = new Random(1);
        for (int round = 0; round < 200; round++) {
            float[] scores = new float[1 + random.nextInt(300)];
            for (int id = 0; id < scores.length; id++) {
                scores[id] = random.nextInt(15) - 7;
            }
            int count = random.nextInt(scores.length + 1);
            int[] sorted =
                    IntStream.range(0, scores.length)
                            .boxed()
                            .sorted(Comparator.comparingDouble((Integer id) -> -scores[id]))
                            .limit(count)
                            .mapToInt(id -> id)
                            .toArray();

            assertThat(Likeliest.of(scores, count)).containsExactly(sorted);
        }
    }
}
