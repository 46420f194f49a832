package dev.tinsmith.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinsmith.engine.Engine;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.Sample;
import dev.tinsmith.engine.Sample.PromptScore;
import dev.tinsmith.engine.Tokens;
import dev.tinsmith.engine.Weights;
import dev.tinsmith.torch.ops.DeviceKind;
import dev.tinsmith.torch.ops.DtypeChoice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What comes of a prompt is the same to the bit, whether it was computed at once, in stretches, or
/// from where an earlier one ended; for every family, in both dtypes.
class PromptCacheTest {
    private static final int VOCABULARY = 288;
    private static final long NO_CACHE = 0;
    private static final long CACHE = 64L << 20;

    static Stream<Arguments> families() {
        return Stream.concat(Stream.of("untied"), GoldenCase.families())
                .flatMap(name ->
                        Stream.of(DtypeChoice.FP32, DtypeChoice.BF16)
                                .map(dtype -> Arguments.of(name, dtype)));
    }

    private static TorchEngine engine(DtypeChoice dtype, int budget, long cache) {
        return TorchEngine.open(new TorchEngine.Options(dtype, 1, budget, cache, DeviceKind.CPU));
    }

    private static Weights weights(String name) {
        GoldenCase golden = new GoldenCase(name);
        return new Weights.Adapted(golden.base(), golden.adapter());
    }

    private static int[] text(int seed, int length) {
        return new Random(seed).ints(length, 0, VOCABULARY).toArray();
    }

    private static int[] after(int[] prefix, int seed, int length) {
        int[] whole = Arrays.copyOf(prefix, prefix.length + length);
        System.arraycopy(text(seed, length), 0, whole, prefix.length, length);
        return whole;
    }

    private static Sample sample(Weights weights, int[] prompt, PromptScore score) {
        return new Sample(weights, Tokens.of(prompt), 2, Asking.spec(6, 3), score, 2);
    }

    /// Prompts that begin alike: some whole blocks, some and a bit, the whole of another; a few
    /// tokens; and one that has nothing in common with the others.
    private static List<Sample> samples(Weights weights) {
        int[] first = text(1, 76);
        List<int[]> prompts =
                List.of(
                        first,
                        first,
                        after(Arrays.copyOf(first, 64), 2, 9),
                        after(Arrays.copyOf(first, 50), 3, 30),
                        Arrays.copyOf(first, 64),
                        Arrays.copyOf(first, 65),
                        after(first, 4, 14),
                        text(5, 40),
                        Arrays.copyOf(first, 1));
        List<Sample> samples = new ArrayList<>();
        for (int[] prompt : prompts) {
            samples.add(sample(weights, prompt, PromptScore.NONE));
            samples.add(sample(weights, prompt, new PromptScore(true, 7, 3, List.of(), 0)));
            samples.add(sample(weights, prompt, new PromptScore(true, 1_000, 2, List.of(), 2)));
        }
        return samples;
    }

    private static List<Outcome.Sampled> oneByOne(TorchEngine engine, List<Sample> samples) {
        return samples.stream()
                .map(each -> Asking.sample(engine, List.of(each)).getFirst())
                .toList();
    }

    private static void assertSame(List<Outcome.Sampled> found, List<Outcome.Sampled> expected) {
        for (int i = 0; i < expected.size(); i++) {
            assertThat(found.get(i).sequences())
                    .as("sample %d", i)
                    .isEqualTo(expected.get(i).sequences());
            assertThat(found.get(i).prompt())
                    .as("prompt %d", i)
                    .isEqualTo(expected.get(i).prompt());
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void aCachedBeginningOrACutChangesNoBit(String name, DtypeChoice dtype) {
        List<Sample> samples = samples(weights(name));
        List<Outcome.Sampled> expected;
        try (TorchEngine engine = engine(dtype, 512, NO_CACHE)) {
            expected = oneByOne(engine, samples);
        }
        try (TorchEngine engine = engine(dtype, 512, CACHE)) {
            assertSame(oneByOne(engine, samples), expected);
            assertSame(Asking.sample(engine, samples), expected);
        }
        try (TorchEngine engine = engine(dtype, 17, CACHE)) {
            assertSame(oneByOne(engine, samples), expected);
        }
        try (TorchEngine engine = engine(dtype, 17, NO_CACHE)) {
            assertSame(Asking.sample(engine, samples), expected);
        }
    }

    private static List<Integer> cached(List<Outcome.Sampled> sampled) {
        return sampled.stream().map(Outcome.Sampled::cached).toList();
    }

    @Test
    void wholeBlocksAreFoundAndTheLastTokenNever() {
        Weights weights = weights("untied");
        int[] first = text(1, 76);
        try (TorchEngine engine = engine(DtypeChoice.FP32, 512, CACHE)) {
            assertThat(cached(oneByOne(engine, samples(weights)).subList(0, 3)))
                    .containsExactly(0, 64, 0);
            assertThat(
                            cached(
                                    oneByOne(
                                            engine,
                                            List.of(
                                                    sample(
                                                            weights,
                                                            Arrays.copyOf(first, 64),
                                                            PromptScore.NONE),
                                                    sample(
                                                            weights,
                                                            Arrays.copyOf(first, 65),
                                                            PromptScore.NONE),
                                                    sample(
                                                            weights,
                                                            first,
                                                            new PromptScore(
                                                                    true, 40, 0, List.of(), 0)),
                                                    sample(
                                                            new Weights.Plain(weights.base()),
                                                            first,
                                                            PromptScore.NONE)))))
                    .containsExactly(32, 64, 32, 0);
        }
    }

    @Test
    void thoseWhoComeTogetherWithOnePromptShareItsPass() {
        Weights weights = weights("untied");
        Sample sample = sample(weights, text(1, 20), PromptScore.NONE);
        Sample scored = sample(weights, text(1, 20), PromptScore.LOGPROBS);
        try (TorchEngine engine = engine(DtypeChoice.FP32, 512, NO_CACHE)) {
            List<Outcome.Sampled> together = Asking.sample(engine, List.of(sample, scored, sample));
            assertThat(cached(together)).containsExactly(0, 20, 20);
            assertThat(together.get(2).sequences()).isEqualTo(together.get(0).sequences());
            assertThat(together.get(1).prompt().logprobs()).isPresent();
        }
    }

    @Test
    void whoeverDecodesGetsATokenAfterEachStretchOfALongPrompt() {
        Weights weights = weights("untied");
        try (TorchEngine engine = engine(DtypeChoice.FP32, 16, NO_CACHE)) {
            engine.admit(
                    1,
                    new Sample(
                            weights,
                            Tokens.of(1, 2, 3),
                            1,
                            Asking.spec(5, 1),
                            PromptScore.NONE,
                            0));
            engine.decode();
            engine.admit(2, sample(weights, text(1, 90), PromptScore.NONE));
            List<Long> finished = new ArrayList<>();
            for (int slice = 0; slice < 9; slice++) {
                engine.decode().forEach(decoded -> finished.add(decoded.ticket()));
            }
            assertThat(finished).containsExactly(1L); // four tokens and four stretches of six
            assertThat(engine.waiting()).isEmpty();
            engine.abandon(2);
            assertThat(engine.decode()).isEmpty();
        }
    }

    @Test
    void oneOfTwoWhoShareAPassMayLeave() {
        Weights weights = weights("untied");
        Sample sample = sample(weights, text(1, 90), PromptScore.NONE);
        try (TorchEngine engine = engine(DtypeChoice.FP32, 16, CACHE)) {
            engine.admit(1, sample);
            engine.admit(2, sample);
            engine.decode();
            engine.abandon(1);
            List<Engine.Decoded> finished = new ArrayList<>();
            for (int slice = 0; slice < 60; slice++) {
                finished.addAll(engine.decode());
            }
            assertThat(finished).extracting(Engine.Decoded::ticket).containsExactly(2L);
        }
    }
}
