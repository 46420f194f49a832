package dev.tinsmith.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.Engine;
import dev.tinsmith.engine.LoraSpec;
import dev.tinsmith.engine.LossSpec;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.engine.Sample;
import dev.tinsmith.engine.SamplingSpec;
import dev.tinsmith.engine.Tokens;
import dev.tinsmith.engine.Weights;
import dev.tinsmith.engine.Work;
import dev.tinsmith.torch.ops.DeviceKind;
import dev.tinsmith.torch.ops.DtypeChoice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SamplingTest {
    private static final Tokens PROMPT = Tokens.of(5, 17, 3, 88, 41);
    private static final TorchEngine.Options F32 =
            new TorchEngine.Options(DtypeChoice.FP32, 2, 64, DeviceKind.CPU);

    private static final TorchEngine.Options BF16 =
            new TorchEngine.Options(DtypeChoice.BF16, 2, 64, DeviceKind.CPU);

    @TempDir private Path directory;
    private Weights plain = new Weights.Plain(new Base("", Path.of("")));
    private Weights adapted = plain;
    private TorchEngine engine = TorchEngine.open(F32);

    @BeforeEach
    void writeBase() {
        Base base = Tiny.base(directory);
        plain = new Weights.Plain(base);
        adapted =
                new Weights.Adapted(
                        base, Tiny.checkpoint(directory.resolve("adapter"), Tiny.LORA, 5));
    }

    @AfterEach
    void close() {
        engine.close();
    }

    private static SamplingSpec spec(int maxTokens, double temperature, long seed) {
        return new SamplingSpec(
                maxTokens, temperature, 0, 1, seed, Set.of(), SamplingSpec.StopText.NONE);
    }

    private static Sample sample(Weights weights, int count, SamplingSpec spec) {
        return new Sample(weights, PROMPT, count, spec, Sample.PromptScore.NONE, 0);
    }

    private Outcome.Sampled run(Sample sample) {
        engine.admit(1, sample);
        Outcome outcome = drain().getOrDefault(1L, new Outcome.Done());
        assertThat(outcome).isInstanceOf(Outcome.Sampled.class);
        return (Outcome.Sampled) outcome;
    }

    private Map<Long, Outcome> drain() {
        Map<Long, Outcome> outcomes = new HashMap<>();
        for (int slice = 0; slice < 2_000; slice++) {
            for (Engine.Decoded decoded : engine.decode()) {
                outcomes.put(decoded.ticket(), decoded.outcome());
            }
        }
        return outcomes;
    }

    /// What a training run says of these tokens after that prompt.
    private float[] trained(Outcome.Sequence sequence) {
        int[] all = new int[PROMPT.length() + sequence.tokens().length()];
        System.arraycopy(PROMPT.toArray(), 0, all, 0, PROMPT.length());
        System.arraycopy(
                sequence.tokens().toArray(), 0, all, PROMPT.length(), sequence.tokens().length());
        int[] targets = new int[all.length];
        System.arraycopy(all, 1, targets, 0, all.length - 1);
        RunId run = new RunId("trained");
        engine.compute(new Work.Load(run, adapted.base(), directory.resolve("adapter"), false));
        Outcome.Passed passed =
                (Outcome.Passed)
                        engine.compute(
                                new Work.Forward(
                                        run,
                                        new Batch(
                                                List.of(
                                                        new Batch.Datum(
                                                                Tokens.of(all),
                                                                Tokens.of(targets),
                                                                1,
                                                                new TreeMap<>()))),
                                        LossSpec.named("cross_entropy")));
        return passed.logprobs().getFirst().toArray();
    }

    @Test
    void aSamplersLogprobsAreThoseOfTraining() {
        Outcome.Sequence sequence = run(sample(adapted, 1, spec(200, 1, 3))).sequences().getFirst();

        float[] trained = trained(sequence);
        for (int i = 0; i < sequence.tokens().length(); i++) {
            assertThat(sequence.logprobs().at(i))
                    .isCloseTo(trained[PROMPT.length() - 1 + i], within(Tolerance.LOGPROB));
        }
    }

    @Test
    void aPromptsLogprobsAreThoseOfTraining() {
        Sample.PromptScore score = new Sample.PromptScore(true, Integer.MAX_VALUE, 2, List.of(), 0);
        Outcome.Sampled sampled = run(new Sample(adapted, PROMPT, 1, spec(1, 1, 3), score, 0));

        float[] prompt = sampled.prompt().logprobs().orElseThrow().toArray();
        float[] trained = trained(sampled.sequences().getFirst());
        assertThat(prompt[0]).isNaN();
        for (int i = 1; i < prompt.length; i++) {
            assertThat(prompt[i]).isCloseTo(trained[i - 1], within(Tolerance.LOGPROB));
        }
        Outcome.TopTokens top = sampled.prompt().top().orElseThrow();
        assertThat(top.length()).isEqualTo(PROMPT.length());
        assertThat(top.logprobs().at(1)).isEqualTo(Outcome.TopTokens.ABSENT);
        assertThat(top.logprobs().at(2)).isGreaterThanOrEqualTo(top.logprobs().at(3));
    }

    @Test
    void onlyTheLastPositionsAreScoredIfSoAsked() {
        Sample.PromptScore score = new Sample.PromptScore(true, 2, 0, List.of(), 0);
        float[] prompt =
                run(new Sample(plain, PROMPT, 1, spec(1, 1, 3), score, 0))
                        .prompt()
                        .logprobs()
                        .orElseThrow()
                        .toArray();

        assertThat(prompt[2]).isNaN();
        assertThat(prompt[3]).isFinite();
        assertThat(prompt[4]).isFinite();
    }

    @Test
    void temperatureZeroTakesTheLikeliestToken() {
        Sample greedy = new Sample(plain, PROMPT, 2, spec(20, 0, 1), Sample.PromptScore.NONE, 3);
        Outcome.Sampled sampled = run(greedy);

        Outcome.Sequence sequence = sampled.sequences().getFirst();
        assertThat(sampled.sequences().get(1).tokens()).isEqualTo(sequence.tokens());
        Outcome.TopTokens top = sequence.top().orElseThrow();
        for (int i = 0; i < sequence.tokens().length(); i++) {
            assertThat(top.ids().at(3 * i)).isEqualTo(sequence.tokens().at(i));
            assertThat(top.logprobs().at(3 * i)).isEqualTo(sequence.logprobs().at(i));
        }
    }

    @Test
    void aSeedDecidesEverySampleAndTheyDiffer() {
        Outcome.Sampled first = run(sample(plain, 3, spec(30, 1, 11)));

        assertThat(run(sample(plain, 3, spec(30, 1, 11)))).isEqualTo(first);
        assertThat(run(sample(plain, 3, spec(30, 1, 12)))).isNotEqualTo(first);
        assertThat(first.sequences().stream().map(Outcome.Sequence::tokens).distinct()).hasSize(3);
    }

    @Test
    void aRequestForMoreThanAdvanceTogetherTakesTurns() {
        Sample.PromptScore score = Sample.PromptScore.LOGPROBS;
        Outcome.Sampled many = run(new Sample(plain, PROMPT, 150, spec(3, 1, 11), score, 0));
        Outcome.Sampled few = run(new Sample(plain, PROMPT, 2, spec(3, 1, 11), score, 0));

        assertThat(many.sequences()).hasSize(150);
        assertThat(many.sequences().get(1).tokens()).isEqualTo(few.sequences().get(1).tokens());
        assertThat(many.sequences()).allMatch(sequence -> sequence.tokens().length() == 3);
        assertThat(many.sequences().stream().map(Outcome.Sequence::tokens).distinct())
                .hasSizeGreaterThan(100);
        assertThat(many.prompt()).isEqualTo(few.prompt());
    }

    @Test
    void companyChangesNothing() {
        companyChangesNothing(engine);
    }

    @Test
    void companyChangesNothingInBf16() {
        engine.close();
        engine = TorchEngine.open(BF16);
        companyChangesNothing(engine);
    }

    @Test
    void inBf16ASamplersLogprobsAreCloseToThoseOfTraining() {
        engine.close();
        engine = TorchEngine.open(BF16);
        Outcome.Sequence sequence = run(sample(adapted, 1, spec(200, 1, 3))).sequences().getFirst();

        float[] trained = trained(sequence);
        double sum = 0;
        for (int i = 0; i < sequence.tokens().length(); i++) {
            sum += Math.abs(sequence.logprobs().at(i) - trained[PROMPT.length() - 1 + i]);
        }
        assertThat(sum / sequence.tokens().length()).isLessThan(Tolerance.BF16_LOGPROB);
    }

    private void companyChangesNothing(TorchEngine engine) {
        Outcome alone = run(sample(adapted, 2, spec(140, 1, 11)));
        Weights other =
                new Weights.Adapted(
                        adapted.base(),
                        Tiny.checkpoint(
                                directory.resolve("second"),
                                new LoraSpec(8, 1, true, true, false),
                                6));

        engine.admit(7, sample(plain, 3, spec(10, 1, 1)));
        engine.admit(8, sample(other, 2, spec(300, 1, 2)));
        engine.decode();
        engine.decode();
        engine.decode();
        engine.admit(1, sample(adapted, 2, spec(140, 1, 11)));
        Map<Long, Outcome> outcomes = drain();

        assertThat(outcomes).containsOnlyKeys(1L, 7L, 8L);
        Outcome.Sampled together = (Outcome.Sampled) outcomes.getOrDefault(1L, alone);
        for (int i = 0; i < 2; i++) {
            Outcome.Sequence expected = ((Outcome.Sampled) alone).sequences().get(i);
            assertThat(together.sequences().get(i).tokens()).isEqualTo(expected.tokens());
        }
    }

    @Test
    void aStopTokenEndsASampleAndIsItsLast() {
        Tokens free = run(sample(plain, 1, spec(20, 0, 1))).sequences().getFirst().tokens();
        int stop = free.at(4);
        int first = 0;
        while (free.at(first) != stop) {
            first++;
        }
        SamplingSpec stopping =
                new SamplingSpec(20, 0, 0, 1, 1, Set.of(stop), SamplingSpec.StopText.NONE);
        Outcome.Sequence sequence = run(sample(plain, 1, stopping)).sequences().getFirst();

        assertThat(sequence.stopped()).isTrue();
        assertThat(sequence.tokens().length()).isEqualTo(first + 1);
        assertThat(sequence.tokens().at(first)).isEqualTo(stop);
    }

    @Test
    void stopTextIsAskedAfterEveryToken() {
        SamplingSpec stopping =
                new SamplingSpec(20, 1, 0, 1, 1, Set.of(), generated -> generated.length() == 3);
        Outcome.Sequence sequence = run(sample(plain, 1, stopping)).sequences().getFirst();

        assertThat(sequence.stopped()).isTrue();
        assertThat(sequence.tokens().length()).isEqualTo(3);
    }

    @Test
    void aSampleThatFillsTheContextWasNotStopped() {
        Outcome.Sequence sequence =
                run(sample(plain, 1, spec(10_000, 1, 1))).sequences().getFirst();

        assertThat(sequence.stopped()).isFalse();
        assertThat(sequence.tokens().length())
                .isEqualTo(TinyModel.SPEC.context() - PROMPT.length());
    }

    @Test
    void topKAndTopPLeaveOnlyTheLikeliest() {
        Tokens greedy = run(sample(plain, 1, spec(15, 0, 1))).sequences().getFirst().tokens();
        SamplingSpec one = new SamplingSpec(15, 2, 1, 1, 9, Set.of(), SamplingSpec.StopText.NONE);
        SamplingSpec nucleus =
                new SamplingSpec(15, 2, 0, 1e-6, 9, Set.of(), SamplingSpec.StopText.NONE);

        assertThat(run(sample(plain, 1, one)).sequences().getFirst().tokens()).isEqualTo(greedy);
        assertThat(run(sample(plain, 1, nucleus)).sequences().getFirst().tokens())
                .isEqualTo(greedy);
    }

    @Test
    void anAbandonedSampleNeverComesBack() {
        engine.admit(1, sample(adapted, 2, spec(100, 1, 1)));
        engine.decode();
        engine.decode();
        engine.admit(2, sample(plain, 1, spec(5, 1, 1)));
        engine.abandon(1);

        assertThat(drain()).containsOnlyKeys(2L);
    }

    @Test
    void aPromptThatCannotBeReadComesBackAtOnce() {
        engine.admit(
                3,
                new Sample(plain, Tokens.of(1, 999), 1, spec(5, 1, 1), Sample.PromptScore.NONE, 0));

        assertThat(engine.decode())
                .singleElement()
                .satisfies(decoded -> {
                    assertThat(decoded.ticket()).isEqualTo(3);
                    assertThat(decoded.outcome()).isInstanceOf(Outcome.Failed.class);
                });
    }

    @Test
    void whoeverDecodesGoesOnWhilePromptsKeepComing() {
        engine.admit(1, sample(plain, 1, spec(20, 1, 1)));
        List<Long> finished = new ArrayList<>();
        for (long ticket = 2; ticket < 50; ticket++) {
            engine.admit(ticket, sample(plain, 1, spec(1_000, 1, ticket)));
            engine.decode().forEach(decoded -> finished.add(decoded.ticket()));
        }

        // A prompt's slice and one for everyone, by turns: 19 more tokens take 38 slices.
        assertThat(finished).containsExactly(1L);
    }
}
