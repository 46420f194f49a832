package dev.tinsmith.torch.sample;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinsmith.engine.SamplingSpec;
import dev.tinsmith.torch.draw.Draw;
import dev.tinsmith.torch.draw.Likeliest;
import dev.tinsmith.torch.ops.Dtype;
import dev.tinsmith.torch.ops.Ops;
import dev.tinsmith.torch.ops.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Many rows at once get the tokens that [Draw], which looks at every number, gives each alone.
class OddsTest {
    private static final int ROWS = 24;
    private static final int ROUNDS = 60;

    private final Random random = new Random(7);

    private static Continuation continuation(double temperature, int topK, double topP, long seed) {
        SamplingSpec spec =
                new SamplingSpec(
                        9, temperature, topK, topP, seed, Set.of(), SamplingSpec.StopText.NONE);
        return new Continuation(spec, 0, 100, 5, 0);
    }

    private Continuation continuation(int row, int vocabulary) {
        double temperature = List.of(1.0, 0.3, 1.7, 50.0).get(random.nextInt(4));
        int topK = List.of(0, 1, 50, 300, vocabulary - 1, vocabulary).get(random.nextInt(6));
        double topP = List.of(1.0, 0.9, 0.5, 1e-9, 0.9999).get(random.nextInt(5));
        boolean whole = row % 3 == 0;
        return continuation(temperature, whole ? 0 : topK, whole ? 1 : topP, random.nextLong());
    }

    private Tensor scores(Dtype dtype, int vocabulary) {
        float[] scores = new float[ROWS * vocabulary];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = (float) (3 * random.nextGaussian());
        }
        return Ops.to(Ops.floats(scores, ROWS, vocabulary), dtype);
    }

    private static int expected(Tensor scores_V, Continuation continuation) {
        float[] scores = Ops.toFloats(scores_V);
        float most = Float.NEGATIVE_INFINITY;
        for (float score : scores) {
            most = Math.max(most, score);
        }
        Tensor weights_V = Ops.to(scores_V, Dtype.F32).clone();
        Ops.add(weights_V, -most);
        Ops.div(weights_V, continuation.spec().temperature());
        weights_V.exp_();
        Draw draw = new Draw(Ops.toFloats(weights_V), count -> Likeliest.of(scores, count));
        return draw.from(continuation.spec(), continuation.uniform());
    }

    /// In bf16 many scores are equal; the vocabularies are whole blocks, and not.
    @ParameterizedTest
    @EnumSource(
            value = Dtype.class,
            names = {"F32", "BF16"})
    void manyRowsGetTheTokensOfEachAlone(Dtype dtype) {
        int found = 0;
        for (int round = 0; round < ROUNDS; round++) {
            int vocabulary = List.of(90, 256, 1_000, 5_120).get(round % 4);
            try (Scope _ = Scope.open()) {
                Tensor scores_RV = scores(dtype, vocabulary);
                List<Continuation> continuations = new ArrayList<>();
                float[] temperatures = new float[ROWS];
                for (int row = 0; row < ROWS; row++) {
                    continuations.add(continuation(row, vocabulary));
                    temperatures[row] = (float) continuations.get(row).spec().temperature();
                }
                OptionalInt[] drawn = Odds.of(scores_RV, temperatures).draw(continuations);
                for (int row = 0; row < ROWS; row++) {
                    if (drawn[row].isPresent()) {
                        found++;
                        assertThat(drawn[row].getAsInt())
                                .as("row %d of %s", row, continuations.get(row).spec())
                                .isEqualTo(
                                        expected(scores_RV.select(0, row), continuations.get(row)));
                    } else {
                        assertThat(row % 3).isNotZero();
                    }
                }
            }
        }
        assertThat(found).isGreaterThan(ROWS * ROUNDS / 2);
    }

    @ParameterizedTest
    @EnumSource(
            value = Dtype.class,
            names = {"F32", "BF16"})
    void theUsualChoicesNeedOnlyShortLists(Dtype dtype) {
        try (Scope _ = Scope.open()) {
            Tensor scores_RV = scores(dtype, 49_152);
            List<Continuation> continuations = new ArrayList<>();
            float[] temperatures = new float[ROWS];
            for (int row = 0; row < ROWS; row++) {
                continuations.add(
                        row % 2 == 0
                                ? continuation(0.7, 50, 0.95, row)
                                : continuation(0.5, 0, 0.9, row));
                temperatures[row] = (float) continuations.get(row).spec().temperature();
            }
            OptionalInt[] drawn = Odds.of(scores_RV, temperatures).draw(continuations);
            for (int row = 0; row < ROWS; row++) {
                assertThat(drawn[row])
                        .isEqualTo(
                                OptionalInt.of(
                                        expected(
                                                scores_RV.select(0, row), continuations.get(row))));
            }
        }
    }
}
