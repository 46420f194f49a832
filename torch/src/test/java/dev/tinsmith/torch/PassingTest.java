package dev.tinsmith.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinsmith.engine.AdamStep;
import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.EngineException;
import dev.tinsmith.engine.Floats;
import dev.tinsmith.engine.LossSpec;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.engine.loss.LossFunction;
import dev.tinsmith.engine.loss.Losses;
import dev.tinsmith.torch.adapter.AdapterCache;
import dev.tinsmith.torch.adapter.FlatFactors;
import dev.tinsmith.torch.lora.SoloTraining;
import dev.tinsmith.torch.nn.Decoder;
import dev.tinsmith.torch.ops.Dtype;
import dev.tinsmith.torch.ops.Scope;
import dev.tinsmith.torch.ops.Threads;
import dev.tinsmith.torch.pass.Pass;
import dev.tinsmith.torch.weights.Bases;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PassingTest {
    private static final RunId ID = new RunId("run");
    private static final LossFunction LOSS = Losses.of(LossSpec.named("cross_entropy"));
    private static final AdamStep STEP = new AdamStep(1e-3, 0.9, 0.95, 1e-8, 0, 0);

    @TempDir private Path directory;
    private final Threads threads = new Threads(1);
    private final Bases bases = new Bases(Dtype.F32);
    private Base base = new Base("", Path.of(""));

    @BeforeEach
    void writeBase() {
        base = Tiny.base(directory);
        Tiny.checkpoint(directory.resolve("adapter"), Tiny.LORA, 5);
    }

    @AfterEach
    void close() {
        bases.close();
        threads.close();
    }

    private Run run(Path adapter) {
        Decoder decoder = bases.of(base);
        return new Run(base, decoder, AdapterCache.read(decoder, adapter), Optional.empty());
    }

    private static List<Batch.Datum> data() {
        Random random = new Random(3);
        return Stream.generate(() -> Tiny.datum(random, 40, 1)).limit(8).toList();
    }

    /// A loss for which memory runs out with the fifth datum that it sees.
    private static LossFunction hungry() {
        List<Batch.Datum> seen = new ArrayList<>();
        return (datum, logprobs) -> {
            seen.add(datum);
            if (seen.size() == 5) {
                throw new OutOfMemoryError("for a test");
            }
            return LOSS.evaluate(datum, logprobs);
        };
    }

    /// The outcome of a batch that begins with packs of 128 tokens, then the norm of its gradient.
    ///
    /// @param losses by how many tokens go through at once
    private List<Object> pass(IntFunction<LossFunction> losses, int budget) {
        try (Scope _ = Scope.open();
                Run run = run(directory.resolve("adapter"))) {
            List<FlatFactors> sums = List.of(run.zeros(), run.zeros());
            List<SoloTraining> training =
                    sums.stream()
                            .map(each -> new SoloTraining(run.adapter().factors(), each))
                            .toList();
            try (Passing passing =
                    new Passing(
                            ID,
                            run,
                            each ->
                                    new Pass(
                                            run.decoder(),
                                            losses.apply(each),
                                            run.adapter().factors(),
                                            training,
                                            data(),
                                            each),
                            budget,
                            sums)) {
                Optional<Outcome> outcome = Optional.empty();
                while (outcome.isEmpty()) {
                    outcome = passing.advance(List.of(), threads);
                }
                return List.of(outcome.get(), run.step(STEP));
            }
        }
    }

    @Test
    void aPassThatMemoryIsTooSmallForIsSplitAndTriedAgain() {
        List<Integer> budgets = new ArrayList<>();
        List<Object> split =
                pass(
                        budget -> {
                            budgets.add(budget);
                            return budget > 64 ? hungry() : LOSS;
                        },
                        128);

        assertThat(budgets).containsExactly(128, 64);
        assertThat(split).isEqualTo(pass(_ -> LOSS, 64));
    }

    @Test
    void aPassThatNoSplitHelpsFails() {
        List<Integer> budgets = new ArrayList<>();

        assertThatIllegalStateException()
                .isThrownBy(() ->
                        pass(
                                budget -> {
                                    budgets.add(budget);
                                    return hungry();
                                },
                                128))
                .withMessageContaining("not enough memory");
        assertThat(budgets).containsExactly(128, 64, 32);
    }

    private Outcome advance(Run run, List<Batch.Datum> data) {
        LossSpec loss = LossSpec.named("cross_entropy");
        try (Scope _ = Scope.open();
                Passing passing = Passing.of(ID, run, new Batch(data), loss, true, 512)) {
            return passing.advance(List.of(), threads).orElseThrow();
        }
    }

    @Test
    void weightsThatAreNoNumbersAreNamedByTheFirstLayer() {
        Path broken = directory.resolve("broken");
        try (Run run = run(directory.resolve("adapter"))) {
            float[] values = Tiny.randomValues(run.adapter().layout(), 5);
            values[values.length / 2] = Float.NaN;
            Tiny.write(broken, run.adapter().layout(), values);
        }
        try (Run run = run(broken)) {
            assertThatThrownBy(() -> advance(run, data()))
                    .isInstanceOf(EngineException.class)
                    .hasMessageContaining(
                            "run run, data[0]: the log-probability of target 0 is NaN")
                    .hasMessageContaining("first in model.layers.1;");
        }
    }

    @Test
    void gradientsThatAreNoNumbersAreNamedByTheFirstLayerOnTheWayBack() {
        Batch.Datum datum = Tiny.datum(new Random(2), 5, 1);
        float[] huge = {3e38f, 3e38f, 3e38f, 3e38f, 3e38f};
        Batch.Datum heavy =
                new Batch.Datum(
                        datum.tokens(),
                        datum.targets(),
                        1,
                        new TreeMap<>(Map.of("weights", Floats.of(huge))));
        try (Run run = run(directory.resolve("adapter"))) {
            assertThatThrownBy(() -> advance(run, List.of(heavy)))
                    .isInstanceOf(EngineException.class)
                    .hasMessageContaining("on the way back first in lm_head;");
            assertThat(advance(run, data())).isInstanceOf(Outcome.Passed.class);
        }
    }
}
