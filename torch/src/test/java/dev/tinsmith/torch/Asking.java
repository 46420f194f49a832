package dev.tinsmith.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.Engine;
import dev.tinsmith.engine.LossSpec;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.engine.Sample;
import dev.tinsmith.engine.SamplingSpec;
import dev.tinsmith.engine.Tokens;
import dev.tinsmith.engine.Weights;
import dev.tinsmith.engine.Work;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Asks an engine what it makes of texts, by training and by sampling.
final class Asking {
    private Asking() {}

    /// What training says of each token but the first.
    static List<float[]> forward(TorchEngine engine, RunId run, List<int[]> texts) {
        List<Batch.Datum> data = texts.stream().map(Asking::datum).toList();
        Work work = new Work.Forward(run, new Batch(data), LossSpec.named("cross_entropy"));
        Outcome outcome = engine.compute(work);
        assertThat(outcome).isInstanceOf(Outcome.Passed.class);
        return ((Outcome.Passed) outcome).logprobs().stream().map(each -> each.toArray()).toList();
    }

    static Batch.Datum datum(int[] text) {
        int[] inputs = Arrays.copyOf(text, text.length - 1);
        int[] targets = Arrays.copyOfRange(text, 1, text.length);
        return new Batch.Datum(Tokens.of(inputs), Tokens.of(targets), 1, new TreeMap<>());
    }

    static Sample scored(Weights weights, int[] prompt) {
        return new Sample(
                weights,
                Tokens.of(prompt),
                1,
                spec(40, 3),
                new Sample.PromptScore(true, Integer.MAX_VALUE, 0, List.of(), 0),
                0);
    }

    static SamplingSpec spec(int tokens, long seed) {
        return new SamplingSpec(tokens, 1, 0, 1, seed, Set.of(), SamplingSpec.StopText.NONE);
    }

    static List<Outcome.Sampled> sample(TorchEngine engine, List<Sample> samples) {
        Map<Long, Outcome> outcomes = new HashMap<>();
        for (int i = 0; i < samples.size(); i++) {
            engine.admit(i, samples.get(i));
        }
        while (outcomes.size() < samples.size()) {
            for (Engine.Decoded decoded : engine.decode()) {
                outcomes.put(decoded.ticket(), decoded.outcome());
            }
        }
        List<Outcome.Sampled> sampled = new ArrayList<>();
        for (long i = 0; i < samples.size(); i++) {
            assertThat(outcomes.get(i)).isInstanceOf(Outcome.Sampled.class);
            sampled.add((Outcome.Sampled) outcomes.get(i));
        }
        return sampled;
    }

    static int[] whole(int[] prompt, Outcome.Sampled sampled) {
        int[] more = sampled.sequences().getFirst().tokens().toArray();
        int[] whole = Arrays.copyOf(prompt, prompt.length + more.length);
        System.arraycopy(more, 0, whole, prompt.length, more.length);
        return whole;
    }

    /// That a prompt and what came after it were scored as training scores them, to the bit; and
    /// what came after it when it came again, too.
    static void assertAsTrained(
            TorchEngine engine, RunId run, Weights weights, int[] prompt, String what) {
        Outcome.Sampled sampled = sample(engine, List.of(scored(weights, prompt))).getFirst();
        float[] trained = forward(engine, run, List.of(whole(prompt, sampled))).getFirst();
        float[] prefilled = sampled.prompt().logprobs().orElseThrow().toArray();
        for (int i = 1; i < prompt.length; i++) {
            assertThat(prefilled[i]).as("%s, prompt token %d", what, i).isEqualTo(trained[i - 1]);
        }
        Sample unscored =
                new Sample(weights, Tokens.of(prompt), 1, spec(40, 3), Sample.PromptScore.NONE, 0);
        Outcome.Sampled again = sample(engine, List.of(unscored)).getFirst();
        assertThat(again.cached()).isEqualTo((prompt.length - 1) / 32 * 32);
        for (Outcome.Sampled each : List.of(sampled, again)) {
            float[] decoded = each.sequences().getFirst().logprobs().toArray();
            for (int i = 0; i < decoded.length; i++) {
                assertThat(decoded[i])
                        .as("%s, prompt of %d tokens, sampled token %d", what, prompt.length, i)
                        .isEqualTo(trained[prompt.length - 1 + i]);
            }
        }
    }
}
