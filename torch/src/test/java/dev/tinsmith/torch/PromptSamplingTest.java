package dev.tinsmith.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.Engine;
import dev.tinsmith.engine.Floats;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.Sample;
import dev.tinsmith.engine.Sample.PromptScore;
import dev.tinsmith.engine.SamplingSpec;
import dev.tinsmith.engine.Tokens;
import dev.tinsmith.engine.Weights;
import dev.tinsmith.torch.ops.DeviceKind;
import dev.tinsmith.torch.ops.DtypeChoice;
import dev.tinsmith.torch.ops.Scope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is said of a prompt, held against a whole table of log-probabilities, and that against the
/// plainest implementation.
class PromptSamplingTest {
    private static final int VOCABULARY = TinyModel.SPEC.vocabulary();
    private static final Tokens PROMPT = Tokens.of(5, 17, 3, 88, 41, 2, 60);
    private static final int POSITIONS = PROMPT.length() - 1;

    @TempDir private Path directory;
    private Weights weights = new Weights.Plain(new Base("", Path.of("")));
    private TorchEngine engine = open(DtypeChoice.FP32);

    private static TorchEngine open(DtypeChoice dtype) {
        return TorchEngine.open(new TorchEngine.Options(dtype, 2, 64, DeviceKind.CPU));
    }

    @BeforeEach
    void writeAdapter() {
        weights =
                new Weights.Adapted(
                        Tiny.base(directory),
                        Tiny.checkpoint(directory.resolve("adapter"), Tiny.LORA, 5));
    }

    @AfterEach
    void close() {
        engine.close();
    }

    private static SamplingSpec spec(double temperature, long seed) {
        return new SamplingSpec(2, temperature, 1, 0.5, seed, Set.of(), SamplingSpec.StopText.NONE);
    }

    private Outcome.Sampled run(SamplingSpec spec, PromptScore score, int topSampled) {
        engine.admit(1, new Sample(weights, PROMPT, 1, spec, score, topSampled));
        List<Engine.Decoded> done = new ArrayList<>();
        while (done.isEmpty()) {
            done.addAll(engine.decode());
        }
        assertThat(done.getFirst().outcome()).isInstanceOf(Outcome.Sampled.class);
        return (Outcome.Sampled) done.getFirst().outcome();
    }

    private Outcome.Scored score(List<Tokens> targets) {
        return run(spec(1, 1), new PromptScore(false, 0, 0, targets, 0), 0).prompt();
    }

    /// The log-probability of every token at every position after the first.
    private float[][] table() {
        Tokens all = Tokens.of(IntStream.range(0, VOCABULARY).toArray());
        Floats flat = score(Collections.nCopies(POSITIONS, all)).targets().orElseThrow();
        float[][] table = new float[POSITIONS][];
        for (int row = 0; row < POSITIONS; row++) {
            table[row] =
                    Arrays.copyOfRange(flat.toArray(), row * VOCABULARY, (row + 1) * VOCABULARY);
        }
        return table;
    }

    @Test
    void theTableIsThatOfThePlainestImplementation() {
        Tokens all = Tokens.of(IntStream.range(0, VOCABULARY).toArray());
        Floats table = score(Collections.nCopies(POSITIONS, all)).targets().orElseThrow();

        Batch.Datum datum =
                new Batch.Datum(
                        Tokens.of(Arrays.copyOf(PROMPT.toArray(), POSITIONS)),
                        Tokens.of(
                                IntStream.range(0, POSITIONS * VOCABULARY)
                                        .map(cell -> cell % VOCABULARY)
                                        .toArray()),
                        VOCABULARY,
                        new TreeMap<>());
        try (Scope _ = Scope.open()) {
            new Reference(
                            TinyModel.random(1),
                            Tiny.factors(directory.resolve("adapter")),
                            Tiny.LORA.scale())
                    .expectLogprobs(datum, table);
        }
    }

    @Test
    void targetsAreScoredWhereTheyAreNamed() {
        float[][] table = table();
        Tokens none = Tokens.of();
        List<Tokens> targets =
                List.of(
                        Tokens.of(-1, -1),
                        none,
                        Tokens.of(7, -1, 7, 100),
                        none,
                        Tokens.of(-1),
                        Tokens.of(0));

        float[] scores = score(targets).targets().orElseThrow().toArray();

        float[] expected = {0, 0, table[2][7], 0, table[2][7], table[2][100], 0, table[5][0]};
        assertThat(scores).containsExactly(expected, within(Tolerance.ORDER));
    }

    @Test
    void eachQuestionHasItsOwnFirstPosition() {
        float[][] table = table();
        List<Tokens> targets = new ArrayList<>(Collections.nCopies(POSITIONS, Tokens.of()));
        targets.set(4, Tokens.of(9));

        Outcome.Scored scored =
                run(spec(1, 1), new PromptScore(true, 1, 2, targets, 3), 0).prompt();

        float[] logprobs = scored.logprobs().orElseThrow().toArray();
        assertThat(Arrays.copyOf(logprobs, POSITIONS)).containsOnly(Float.NaN);
        assertThat(logprobs[POSITIONS])
                .isCloseTo(table[5][PROMPT.at(POSITIONS)], within(Tolerance.ORDER));
        Outcome.TopTokens top = scored.top().orElseThrow();
        assertThat(top.length()).isEqualTo(PROMPT.length());
        assertThat(Arrays.copyOf(top.logprobs().toArray(), 2 * POSITIONS))
                .containsOnly(Outcome.TopTokens.ABSENT);
        assertThat(top.logprobs().at(2 * POSITIONS)).isNotEqualTo(Outcome.TopTokens.ABSENT);
        assertThat(scored.targets().orElseThrow().toArray())
                .containsExactly(new float[] {table[4][9]}, within(Tolerance.ORDER));
        assertThat(scored.alternatives().orElseThrow().ids().length()).isEqualTo(3 * POSITIONS);
    }

    @Test
    void theLikeliestAreThoseOfTheTable() {
        float[][] table = table();
        Outcome.TopTokens top =
                run(spec(1, 1), new PromptScore(false, 100, 5, List.of(), 0), 0)
                        .prompt()
                        .top()
                        .orElseThrow();

        for (int position = 1; position < PROMPT.length(); position++) {
            float[] row = table[position - 1];
            List<Integer> order =
                    IntStream.range(0, VOCABULARY)
                            .boxed()
                            .sorted((a, b) -> Float.compare(row[b], row[a]))
                            .toList();
            for (int column = 0; column < 5; column++) {
                assertThat(top.ids().at(5 * position + column)).isEqualTo(order.get(column));
                assertThat(top.logprobs().at(5 * position + column))
                        .isCloseTo(row[order.get(column)], within(Tolerance.ORDER));
            }
        }
    }

    /// Whatever top k and top p are. The quantile of χ² with 100 degrees of freedom that one in
    /// 100,000 exceeds is 172.
    @Test
    void alternativesAreDrawnFromTheWholeVocabularyAtTheTemperature() {
        float[][] table = table();
        double temperature = 2;
        int k = 20_000;
        Outcome.Alternatives drawn =
                run(spec(temperature, 3), new PromptScore(false, 100, 0, List.of(), k), 0)
                        .prompt()
                        .alternatives()
                        .orElseThrow();

        for (int row = 0; row < POSITIONS; row++) {
            double[] expected = new double[VOCABULARY];
            double[] counts = new double[VOCABULARY];
            for (int id = 0; id < VOCABULARY; id++) {
                expected[id] = Math.exp(table[row][id] / temperature);
            }
            double sum = Arrays.stream(expected).sum();
            for (int i = row * k; i < (row + 1) * k; i++) {
                counts[drawn.ids().at(i)]++;
                assertThat(drawn.logprobs().at(i))
                        .isCloseTo(table[row][drawn.ids().at(i)], within(Tolerance.ORDER));
            }
            double chiSquare = 0;
            for (int id = 0; id < VOCABULARY; id++) {
                double mean = k * expected[id] / sum;
                chiSquare += (counts[id] - mean) * (counts[id] - mean) / mean;
            }
            assertThat(chiSquare).isLessThan(172);
        }
    }

    @Test
    void alternativesFollowTheSeedAndAtZeroAreTheLikeliest() {
        PromptScore score = new PromptScore(false, 100, 1, List.of(), 4);
        Outcome.Scored first = run(spec(1, 3), score, 0).prompt();

        assertThat(run(spec(1, 3), score, 0).prompt()).isEqualTo(first);
        assertThat(run(spec(1, 4), score, 0).prompt().alternatives())
                .isNotEqualTo(first.alternatives());
        Outcome.Alternatives greedy =
                run(spec(0, 3), score, 0).prompt().alternatives().orElseThrow();
        Outcome.TopTokens top = first.top().orElseThrow();
        for (int i = 0; i < greedy.ids().length(); i++) {
            assertThat(greedy.ids().at(i)).isEqualTo(top.ids().at(1 + i / 4));
        }
    }

    @Test
    void ofEquallyLikelyTokensTheLowestIdIsTakenInF32() {
        assertLowestOfEqualsIsTaken();
    }

    @Test
    void ofEquallyLikelyTokensTheLowestIdIsTakenInBf16() {
        engine.close();
        engine = open(DtypeChoice.BF16);
        assertLowestOfEqualsIsTaken();
    }

    /// Of a model whose tokens come in pairs that nothing tells apart.
    private void assertLowestOfEqualsIsTaken() {
        TinyModel model = TinyModel.random(1);
        float[] head = Objects.requireNonNull(model.weights().get("lm_head.weight")).values();
        int hidden = TinyModel.SPEC.hidden();
        for (int id = 0; id + 1 < VOCABULARY; id += 2) {
            System.arraycopy(head, id * hidden, head, (id + 1) * hidden, hidden);
        }
        Path folder = model.write(directory.resolve("pairs"));
        weights = new Weights.Plain(new Base("pairs", folder));

        Outcome.Sampled sampled = run(spec(0, 1), new PromptScore(false, 100, 1, List.of(), 1), 2);

        Outcome.Sequence sequence = sampled.sequences().getFirst();
        Outcome.TopTokens top = sequence.top().orElseThrow();
        for (int i = 0; i < sequence.tokens().length(); i++) {
            assertThat(sequence.tokens().at(i) % 2).isZero();
            assertThat(top.ids().at(2 * i)).isEqualTo(sequence.tokens().at(i));
            assertThat(top.ids().at(2 * i + 1)).isEqualTo(sequence.tokens().at(i) + 1);
        }
        assertThat(run(spec(1, 1), PromptScore.NONE, 0).sequences().getFirst().tokens())
                .as("top k of 1")
                .isEqualTo(sequence.tokens());
        Tokens greedy = sampled.prompt().alternatives().orElseThrow().ids();
        Tokens likeliest = sampled.prompt().top().orElseThrow().ids();
        for (int i = 0; i < greedy.length(); i++) {
            assertThat(greedy.at(i)).isEqualTo(likeliest.at(i + 1));
        }
    }

    @Test
    void aTemperatureTooLowForDivisionIsZero() {
        Tokens greedy = run(spec(0, 1), PromptScore.NONE, 0).sequences().getFirst().tokens();

        for (double temperature : new double[] {1e-20, 1e-37, 1e-38, 1e-45, 1e-310}) {
            SamplingSpec spec =
                    new SamplingSpec(2, temperature, 0, 1, 8, Set.of(), SamplingSpec.StopText.NONE);
            assertThat(run(spec, PromptScore.NONE, 0).sequences().getFirst().tokens())
                    .as("temperature %s", temperature)
                    .isEqualTo(greedy);
        }
    }
}
