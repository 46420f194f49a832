package dev.tinsmith.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A sample under way in a [ScriptedEngine]; all its continuations advance together.
final class ScriptedSample {
    /// Its tokens are below this.
    static final int VOCABULARY = 100;

    private final Sample sample;
    private final long mark;
    private final List<int[]> rows = new ArrayList<>();
    private final boolean[] stopped;

    ScriptedSample(Sample sample, long mark) {
        this.sample = sample;
        this.mark = mark;
        this.stopped = new boolean[sample.count()];
        for (int i = 0; i < sample.count(); i++) {
            rows.add(new int[0]);
        }
    }

    /// Whether all continuations are finished now.
    boolean advance() {
        boolean all = true;
        for (int i = 0; i < rows.size(); i++) {
            if (!isFinished(i)) {
                int[] longer = Arrays.copyOf(rows.get(i), rows.get(i).length + 1);
                longer[longer.length - 1] = draw(i, longer.length - 1);
                rows.set(i, longer);
                stopped[i] =
                        sample.spec().stopTokens().contains(longer[longer.length - 1])
                                || sample.spec().stopText().endsAt(Tokens.of(longer));
            }
            all &= isFinished(i);
        }
        return all;
    }

    private boolean isFinished(int row) {
        return stopped[row] || rows.get(row).length >= sample.spec().maxTokens();
    }

    private int draw(int row, int position) {
        long stream =
                sample.spec().temperature() == 0
                        ? mark
                        : ScriptedRun.mixed(mark, ScriptedRun.mixed(sample.spec().seed(), row));
        long drawn = ScriptedRun.mixed(stream + sample.prompt().hashCode(), position);
        return (int) Long.remainderUnsigned(drawn, VOCABULARY);
    }

    Outcome.Sampled sampled() {
        List<Outcome.Sequence> sequences = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            Tokens tokens = Tokens.of(rows.get(i));
            sequences.add(
                    new Outcome.Sequence(
                            tokens,
                            logprobs(tokens),
                            stopped[i],
                            sample.topSampled() == 0
                                    ? Optional.empty()
                                    : Optional.of(top(tokens, sample.topSampled(), 0))));
        }
        return new Outcome.Sampled(sequences, scored(sample.score()), 0);
    }

    private Outcome.Scored scored(Sample.PromptScore asked) {
        int first = Math.max(1, sample.prompt().length() - asked.lastN());
        return new Outcome.Scored(
                asked.logprobs() ? Optional.of(prompt(first)) : Optional.empty(),
                asked.topK() == 0
                        ? Optional.empty()
                        : Optional.of(top(sample.prompt(), asked.topK(), first)),
                asked.targets().isEmpty() ? Optional.empty() : Optional.of(targets(asked)),
                asked.alternatives() == 0
                        ? Optional.empty()
                        : Optional.of(alternatives(asked.alternatives())));
    }

    private Floats targets(Sample.PromptScore asked) {
        List<Float> values = new ArrayList<>();
        for (int row = 0; row < asked.targets().size(); row++) {
            for (int id : asked.targets().get(row).toArray()) {
                values.add(
                        id == Sample.PromptScore.NO_TARGET
                                ? 0
                                : ScriptedRun.logprob(mark, id, row + 1));
            }
        }
        float[] all = new float[values.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = values.get(i);
        }
        return Floats.of(all);
    }

    private Outcome.Alternatives alternatives(int k) {
        Outcome.TopTokens all = top(sample.prompt(), k, 0);
        return new Outcome.Alternatives(
                k,
                Tokens.of(Arrays.copyOfRange(all.ids().toArray(), k, all.ids().length())),
                Floats.of(Arrays.copyOfRange(all.logprobs().toArray(), k, all.ids().length())));
    }

    private Floats logprobs(Tokens tokens) {
        float[] values = new float[tokens.length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = ScriptedRun.logprob(mark, tokens.at(i), i);
        }
        return Floats.of(values);
    }

    private Floats prompt(int first) {
        float[] values = logprobs(sample.prompt()).toArray();
        Arrays.fill(values, 0, Math.min(first, values.length), Float.NaN);
        return Floats.of(values);
    }

    /// The tokens themselves and their successors.
    private Outcome.TopTokens top(Tokens tokens, int k, int first) {
        int[] ids = new int[tokens.length() * k];
        float[] values = new float[ids.length];
        for (int i = 0; i < ids.length; i++) {
            boolean there = i / k >= first;
            ids[i] = there ? (tokens.at(i / k) + i % k) % VOCABULARY : 0;
            values[i] =
                    there
                            ? ScriptedRun.logprob(mark, tokens.at(i / k), i / k) - i % k
                            : Outcome.TopTokens.ABSENT;
        }
        return new Outcome.TopTokens(k, tokens.length(), Tokens.of(ids), Floats.of(values));
    }
}
