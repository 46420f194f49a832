package dev.tinsmith.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.LoraSpec;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.engine.Sample;
import dev.tinsmith.engine.Tokens;
import dev.tinsmith.engine.Weights;
import dev.tinsmith.engine.Work;
import dev.tinsmith.torch.adapter.AdapterLayout;
import dev.tinsmith.torch.model.AttentionSpec;
import dev.tinsmith.torch.model.DecoderSpec;
import dev.tinsmith.torch.model.EmbeddingSpec;
import dev.tinsmith.torch.model.FeedForwardSpec;
import dev.tinsmith.torch.model.NormSpec;
import dev.tinsmith.torch.model.RopeSpec;
import dev.tinsmith.torch.ops.DeviceKind;
import dev.tinsmith.torch.ops.DtypeChoice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a model says of a text has the same bits, whoever asks, and whoever asks at the same time.
class SameBitsTest {
    /// Of the shapes of a small real model, for a third of whose sizes kernels differ.
    private static final DecoderSpec SPEC =
            new DecoderSpec(
                    EmbeddingSpec.of(2_048, false),
                    2,
                    576,
                    AttentionSpec.of(
                            new DecoderSpec.Heads(9, 3, 64),
                            new RopeSpec(10_000, new RopeSpec.Scaling.None())),
                    FeedForwardSpec.of(1_536, FeedForwardSpec.Activation.SILU),
                    NormSpec.of(1e-5),
                    2_048);

    private static final RunId RUN = new RunId("run");
    private static final int MIXTURES = 50;

    @TempDir private Path directory;
    private final Map<Integer, Path> adapters = new HashMap<>();
    private Base base = new Base("", Path.of(""));

    @BeforeEach
    void writeBase() {
        base = new Base("small", TinyModel.random(1, SPEC).write(directory.resolve("base")));
    }

    private Path adapter(int rank) {
        return adapters.computeIfAbsent(
                rank,
                _ -> {
                    LoraSpec lora = new LoraSpec(rank, 7, true, true, true);
                    AdapterLayout layout = new AdapterLayout(SPEC, lora);
                    float[] values = Tiny.randomValues(layout, rank);
                    return Tiny.write(directory.resolve("adapter-" + rank), layout, values);
                });
    }

    private static TorchEngine engine(DtypeChoice dtype, int threads, int budget) {
        return TorchEngine.open(new TorchEngine.Options(dtype, threads, budget, DeviceKind.CPU));
    }

    private static int[] text(Random random, int length) {
        return random.ints(length, 0, SPEC.vocabulary()).toArray();
    }

    private static List<int[]> texts(int count, int longest) {
        Random random = new Random(11);
        List<int[]> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            texts.add(text(random, 2 + random.nextInt(longest - 1)));
        }
        return texts;
    }

    private List<float[]> alone(TorchEngine engine, List<int[]> texts) {
        return texts.stream()
                .map(text -> Asking.forward(engine, RUN, List.of(text)).getFirst())
                .toList();
    }

    private TorchEngine trained(DtypeChoice dtype, int threads, int budget, int rank) {
        TorchEngine engine = engine(dtype, threads, budget);
        engine.compute(new Work.Load(RUN, base, adapter(rank), false));
        return engine;
    }

    @ParameterizedTest
    @EnumSource(
            value = DtypeChoice.class,
            names = {"FP32", "BF16"})
    void inCompanyAndAloneAndOnAnyNumberOfThreads(DtypeChoice dtype) {
        List<int[]> texts = texts(8, 300);
        List<float[]> expected;
        try (TorchEngine engine = trained(dtype, 1, 512, 8)) {
            expected = alone(engine, texts);
            List<Integer> order = new ArrayList<>(IntStream.range(0, 8).boxed().toList());
            Random random = new Random(5);
            for (int mixture = 0; mixture < MIXTURES; mixture++) {
                Collections.shuffle(order, random);
                List<float[]> mixed =
                        Asking.forward(engine, RUN, order.stream().map(texts::get).toList());
                for (int i = 0; i < order.size(); i++) {
                    assertThat(mixed.get(i)).isEqualTo(expected.get(order.get(i)));
                }
            }
        }
        try (TorchEngine engine = trained(dtype, 2, 2_048, 8)) {
            assertThat(Asking.forward(engine, RUN, texts))
                    .usingRecursiveComparison()
                    .isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DtypeChoice.class,
            names = {"FP32", "BF16"})
    void aLongTextIsScoredAndContinuedAsItIsTrained(DtypeChoice dtype) {
        for (int rank : List.of(1, 2, 16, 32)) {
            Weights weights = new Weights.Adapted(base, adapter(rank));
            try (TorchEngine engine = trained(dtype, 1, 512, rank)) {
                int[] prompt = text(new Random(3), 1_300);
                Asking.assertAsTrained(engine, RUN, weights, prompt, "rank " + rank);
            }
        }
    }

    /// Prompts of adapters of several ranks, and of none, enter and leave as they happen to.
    @ParameterizedTest
    @EnumSource(
            value = DtypeChoice.class,
            names = {"FP32", "BF16"})
    void samplesInRandomCompanyAreThoseOfOneAlone(DtypeChoice dtype) {
        List<Weights> all = new ArrayList<>(List.of(new Weights.Plain(base)));
        for (int rank : List.of(1, 4, 16, 64)) {
            all.add(new Weights.Adapted(base, adapter(rank)));
        }
        Random random = new Random(17);
        try (TorchEngine engine = engine(dtype, 1, 512)) {
            List<Sample> samples = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                samples.add(
                        new Sample(
                                all.get(i % all.size()),
                                Tokens.of(text(random, 1 + random.nextInt(80))),
                                1,
                                Asking.spec(1 + random.nextInt(8), i),
                                Sample.PromptScore.NONE,
                                0));
            }
            List<Outcome.Sampled> alone =
                    samples.stream()
                            .map(each -> Asking.sample(engine, List.of(each)).getFirst())
                            .toList();
            for (int mixture = 0; mixture < MIXTURES; mixture++) {
                List<Integer> order = new ArrayList<>(IntStream.range(0, 12).boxed().toList());
                Collections.shuffle(order, random);
                List<Integer> some = order.subList(0, 2 + random.nextInt(10));
                List<Outcome.Sampled> mixed =
                        Asking.sample(engine, some.stream().map(samples::get).toList());
                for (int i = 0; i < some.size(); i++) {
                    assertThat(mixed.get(i).sequences())
                            .isEqualTo(alone.get(some.get(i)).sequences());
                }
            }
        }
    }
}
