package dev.tinsmith.torch.pass;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.Floats;
import dev.tinsmith.engine.LossSpec;
import dev.tinsmith.engine.loss.Losses;
import dev.tinsmith.torch.Reference;
import dev.tinsmith.torch.Tiny;
import dev.tinsmith.torch.TinyModel;
import dev.tinsmith.torch.Tolerance;
import dev.tinsmith.torch.adapter.Adapter;
import dev.tinsmith.torch.adapter.AdapterCache;
import dev.tinsmith.torch.adapter.AdapterLayout;
import dev.tinsmith.torch.adapter.FlatFactors;
import dev.tinsmith.torch.lora.SoloTraining;
import dev.tinsmith.torch.nn.Decoder;
import dev.tinsmith.torch.ops.Dtype;
import dev.tinsmith.torch.ops.Ops;
import dev.tinsmith.torch.ops.Scope;
import dev.tinsmith.torch.ops.Threads;
import dev.tinsmith.torch.weights.Bases;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PassTest {
    private static final int WHOLE = 4_096;

    @TempDir private Path directory;
    private Base base = new Base("", Path.of(""));

    @BeforeEach
    void writeBase() {
        base = Tiny.base(directory);
        Tiny.checkpoint(directory.resolve("adapter"), Tiny.LORA, 5);
    }

    /// One token; several tiles; several targets a position; a length that fills a tile.
    private static List<Batch.Datum> data() {
        Random random = new Random(3);
        return List.of(
                Tiny.datum(random, 5, 1),
                Tiny.datum(random, 300, 2),
                Tiny.datum(random, 1, 3),
                Tiny.datum(random, 128, 1));
    }

    /// A result and the gradients in the order of the flat row.
    private static final class Ran {
        private final Pass.Result result;
        private final float[] gradients;
        private final AdapterLayout layout;

        Ran(Pass.Result result, float[] gradients, AdapterLayout layout) {
            this.result = result;
            this.gradients = gradients;
            this.layout = layout;
        }

        double loss() {
            return result.metrics().getOrDefault("loss:sum", Double.NaN);
        }
    }

    private Ran run(List<Batch.Datum> data, int budget, Dtype dtype) {
        try (Scope scope = Scope.open();
                Threads threads = new Threads(1);
                Bases bases = new Bases(dtype)) {
            Decoder decoder = bases.of(base);
            try (Adapter adapter = AdapterCache.read(decoder, directory.resolve("adapter"));
                    FlatFactors gradients =
                            new FlatFactors(
                                    adapter.layout(),
                                    scope.keep(Ops.zeros(Dtype.F32, adapter.layout().size())))) {
                SoloTraining training = new SoloTraining(adapter.factors(), gradients);
                Pass pass =
                        new Pass(
                                decoder,
                                Losses.of(LossSpec.named("cross_entropy")),
                                adapter.factors(),
                                List.of(training, training),
                                data,
                                budget);
                while (!pass.isDone()) {
                    pass.advance(List.of(), threads);
                }
                return new Ran(pass.result(), Ops.toFloats(gradients.flat_N()), adapter.layout());
            }
        }
    }

    @Test
    void logprobsAndGradientsAreThoseOfThePlainestImplementation() {
        Ran ran = run(data(), WHOLE, Dtype.F32);
        Map<String, TinyModel.Weight> gradients =
                Tiny.factors(Tiny.write(directory.resolve("gradients"), ran.layout, ran.gradients));
        try (Scope _ = Scope.open()) {
            Reference reference =
                    new Reference(
                            TinyModel.random(1),
                            Tiny.factors(directory.resolve("adapter")),
                            Tiny.LORA.scale());
            double loss = 0;
            for (int index = 0; index < data().size(); index++) {
                Batch.Datum datum = data().get(index);
                reference.expectLogprobs(datum, ran.result.logprobs().get(index));
                float[] weights = datum.input("weights").orElse(Floats.of()).toArray();
                loss -= reference.backward(datum, weights);
            }
            assertThat(ran.loss()).isCloseTo(loss, within(1e-2));
            reference.expectNegatedGradients(gradients);
        }
    }

    @Test
    void packedTogetherIsTheSameAsOneByOne() {
        Ran together = run(data(), WHOLE, Dtype.F32);
        Ran apart = run(data(), 1, Dtype.F32);

        for (int index = 0; index < data().size(); index++) {
            assertThat(apart.result.logprobs().get(index).toArray())
                    .containsExactly(
                            together.result.logprobs().get(index).toArray(),
                            within(Tolerance.ORDER));
        }
        assertThat(apart.gradients).containsExactly(together.gradients, within(1e-3f));
    }

    @Test
    void bf16IsCloseToF32() {
        Ran exact = run(data(), WHOLE, Dtype.F32);
        Ran rounded = run(data(), WHOLE, Dtype.BF16);

        assertThat(rounded.loss()).isCloseTo(exact.loss(), within(1.0));
        double product = 0;
        double squares = 0;
        double exactSquares = 0;
        for (int i = 0; i < exact.gradients.length; i++) {
            product += (double) exact.gradients[i] * rounded.gradients[i];
            squares += (double) rounded.gradients[i] * rounded.gradients[i];
            exactSquares += (double) exact.gradients[i] * exact.gradients[i];
        }
        assertThat(product / Math.sqrt(squares * exactSquares)).isGreaterThan(0.999);
    }

    @Test
    void aDatumWithoutWeightLeavesNoGradient() {
        Batch.Datum datum = Tiny.datum(new Random(9), 12, 1);
        Batch.Datum weightless =
                new Batch.Datum(
                        datum.tokens(),
                        datum.targets(),
                        1,
                        new TreeMap<>(Map.of("weights", Floats.of(new float[12]))));

        assertThat(run(List.of(weightless), WHOLE, Dtype.F32).gradients).containsOnly(0f);
    }
}
