package dev.tinsmith.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinsmith.engine.AdamStep;
import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.Engine;
import dev.tinsmith.engine.Floats;
import dev.tinsmith.engine.LoraSpec;
import dev.tinsmith.engine.LossSpec;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.engine.Work;
import dev.tinsmith.torch.ops.DeviceKind;
import dev.tinsmith.torch.ops.DtypeChoice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Runs of several ranks and losses share the passes of one engine, on one thread or two; each
/// gets, to the bit, what it would get alone on one: log-probabilities, losses, norms of gradients,
/// adapters and moments.
class CompanyTest {
    private static final AdamStep STEP = new AdamStep(1e-2, 0.9, 0.95, 1e-8, 0.01, 1);
    private static final int BUDGET = 96;

    /// How many random orders are tried: `-Dmixtures=200` takes some minutes.
    private static final int MIXTURES = Integer.getInteger("mixtures", 8);

    private static final List<LoraSpec> LORAS =
            List.of(
                    new LoraSpec(1, 1, true, true, true),
                    new LoraSpec(4, 2, true, false, false),
                    new LoraSpec(16, 3, false, true, true),
                    new LoraSpec(64, 4, true, true, false),
                    new LoraSpec(8, 5, false, false, true));

    @TempDir private Path directory;
    private Base base = new Base("", Path.of(""));

    @BeforeEach
    void writeBase() {
        base = Tiny.base(directory);
    }

    private static TorchEngine engine(DtypeChoice dtype, int threads) {
        return TorchEngine.open(new TorchEngine.Options(dtype, threads, BUDGET, DeviceKind.CPU));
    }

    private static RunId id(int run) {
        return new RunId("run-" + run);
    }

    /// Three batches and three steps of a run, and a pass without gradients.
    private List<Work> works(int run) {
        Random random = new Random(run);
        List<Work> works = new ArrayList<>();
        works.add(new Work.Open(id(run), base, LORAS.get(run)));
        for (int step = 0; step < 3; step++) {
            works.add(new Work.ForwardBackward(id(run), batch(random, run), loss(run)));
            works.add(new Work.OptimStep(id(run), STEP));
        }
        works.add(new Work.Forward(id(run), batch(random, run), loss(run)));
        return works;
    }

    private static LossSpec loss(int run) {
        return LossSpec.named(run % 2 == 0 ? "cross_entropy" : "importance_sampling");
    }

    private static Batch batch(Random random, int run) {
        List<Batch.Datum> data = new ArrayList<>();
        for (int i = 0; i < 1 + random.nextInt(4); i++) {
            Batch.Datum datum = Tiny.datum(random, 1 + random.nextInt(40), 1);
            data.add(run % 2 == 0 ? datum : rewarded(datum, random));
        }
        return new Batch(data);
    }

    private static Batch.Datum rewarded(Batch.Datum datum, Random random) {
        float[] logprobs = new float[datum.tokens().length()];
        float[] advantages = new float[logprobs.length];
        for (int i = 0; i < logprobs.length; i++) {
            logprobs[i] = -5 + random.nextFloat();
            advantages[i] = (float) random.nextGaussian();
        }
        return new Batch.Datum(
                datum.tokens(),
                datum.targets(),
                1,
                new TreeMap<>(
                        Map.of(
                                "logprobs", Floats.of(logprobs),
                                "advantages", Floats.of(advantages))));
    }

    /// What came of all works of a run, and its adapter in the end.
    private record Story(List<Outcome> outcomes, Map<String, List<Float>> adapter) {}

    private Story story(TorchEngine engine, int run, List<Outcome> outcomes, String place)
            throws Exception {
        Path folder = Files.createDirectories(directory.resolve(place + run));
        assertThat(engine.compute(new Work.Save(id(run), folder, true)))
                .isInstanceOf(Outcome.Done.class);
        Map<String, List<Float>> adapter = new TreeMap<>();
        Tiny.factors(folder).forEach((name, weight) -> adapter.put(name, list(weight)));
        Tiny.moments(folder).forEach((name, weight) -> adapter.put(name, list(weight)));
        return new Story(outcomes, adapter);
    }

    private static List<Float> list(TinyModel.Weight weight) {
        List<Float> list = new ArrayList<>();
        for (float value : weight.values()) {
            list.add(value);
        }
        return list;
    }

    @ParameterizedTest
    @EnumSource(
            value = DtypeChoice.class,
            names = {"FP32", "BF16"})
    void aRunInCompanyIsTheRunAlone(DtypeChoice dtype) throws Exception {
        List<Story> alone = new ArrayList<>();
        for (int run = 0; run < LORAS.size(); run++) {
            try (TorchEngine engine = engine(dtype, 1)) {
                List<Outcome> outcomes = new ArrayList<>();
                for (Work work : works(run)) {
                    outcomes.add(engine.compute(work));
                }
                alone.add(story(engine, run, outcomes, "alone-"));
            }
        }
        for (int mixture = 0; mixture < MIXTURES; mixture++) {
            int threads = dtype == DtypeChoice.BF16 ? 1 + mixture % 2 : 1;
            try (TorchEngine engine = engine(dtype, threads)) {
                for (Line line : mix(engine, new Random(mixture))) {
                    String place = "mixed-" + mixture + "-";
                    assertThat(story(engine, line.run, line.outcomes, place))
                            .as("run %d of mixture %d", line.run, mixture)
                            .isEqualTo(alone.get(line.run));
                }
            }
        }
    }

    /// Every run begins its next work as soon as the one before is done; whose slice is next,
    /// chance says.
    private List<Line> mix(TorchEngine engine, Random random) {
        List<Line> all = new ArrayList<>();
        for (int run = 0; run < LORAS.size(); run++) {
            all.add(new Line(run, works(run)));
        }
        List<Line> busy = new ArrayList<>(all);
        while (!busy.isEmpty()) {
            busy.forEach(line -> line.begin(engine));
            busy.get(random.nextInt(busy.size())).advance();
            busy.removeIf(line -> line.left.isEmpty());
        }
        return all;
    }

    /// The works of a run, one after another.
    private static final class Line {
        private final int run;
        private final Deque<Work> left;
        private final List<Outcome> outcomes = new ArrayList<>();
        private Optional<Engine.Computation> begun = Optional.empty();

        Line(int run, List<Work> works) {
            this.run = run;
            this.left = new ArrayDeque<>(works);
        }

        void begin(Engine engine) {
            if (begun.isEmpty()) {
                begun = Optional.of(engine.begin(left.element()));
            }
        }

        void advance() {
            begun.orElseThrow()
                    .advance()
                    .ifPresent(outcome -> {
                        outcomes.add(outcome);
                        left.remove();
                        begun = Optional.empty();
                    });
        }
    }

    @Test
    void aRunWhoseNumbersAreNoneFailsAlone() {
        try (TorchEngine engine = engine(DtypeChoice.FP32, 1)) {
            engine.compute(new Work.Open(id(0), base, LORAS.get(0)));
            engine.compute(new Work.Open(id(1), base, LORAS.get(1)));
            Batch good = batch(new Random(1), 0);
            Batch.Datum datum = Tiny.datum(new Random(2), 5, 1);
            float[] huge = {3e38f, 3e38f, 3e38f, 3e38f, 3e38f};
            Batch bad =
                    new Batch(
                            List.of(
                                    new Batch.Datum(
                                            datum.tokens(),
                                            datum.targets(),
                                            1,
                                            new TreeMap<>(Map.of("weights", Floats.of(huge))))));
            LossSpec loss = LossSpec.named("cross_entropy");
            Engine.Computation first = engine.begin(new Work.ForwardBackward(id(0), good, loss));
            Engine.Computation second = engine.begin(new Work.ForwardBackward(id(1), bad, loss));

            assertThat(first.advance().orElseThrow()).isInstanceOf(Outcome.Passed.class);
            assertThat(second.advance().orElseThrow())
                    .isInstanceOfSatisfying(
                            Outcome.Failed.class,
                            failed -> assertThat(failed.reason()).contains("run-1"));
            assertThat(engine.compute(new Work.OptimStep(id(0), STEP)))
                    .isInstanceOf(Outcome.Stepped.class);
        }
    }
}
