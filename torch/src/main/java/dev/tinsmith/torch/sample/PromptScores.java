package dev.tinsmith.torch.sample;

import dev.tinsmith.engine.Floats;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.Sample;
import dev.tinsmith.torch.lora.Blend;
import dev.tinsmith.torch.nn.Unembedding;
import dev.tinsmith.torch.ops.Ops;
import dev.tinsmith.torch.ops.Scope;
import java.util.Arrays;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/// What a request asked to know of its prompt's own tokens.
final class PromptScores {
    private final Sample sample;
    private final int first;
    private final float[] logprobs;
    private final TopRows top;

    PromptScores(Sample sample) {
        this.sample = sample;
        int length = sample.prompt().length();
        this.first = Math.max(1, length - Math.min(sample.score().lastN(), length));
        this.logprobs = new float[length];
        Arrays.fill(logprobs, Float.NaN);
        this.top = new TopRows(sample.score().topK());
    }

    private boolean isWanted() {
        return sample.score().logprobs() || top.isWanted();
    }

    /// Reads what is wanted from the prompt's own rows.
    ///
    /// @param x_TD what the unembedding reads; row i says what comes after token i
    void compute(Tensor x_TD, Unembedding unembedding, Blend blend) {
        for (int position = 0; position < Math.min(first, logprobs.length); position++) {
            top.addAbsent();
        }
        if (!isWanted()) {
            return;
        }
        int position = first;
        while (position < logprobs.length) {
            int rows = Math.min(unembedding.maxRows(), logprobs.length - position);
            try (Scope _ = Scope.open()) {
                Tensor x_RD = x_TD.narrow(0, position - 1, rows);
                read(unembedding.score(x_RD, blend), position, rows);
            }
            position += rows;
        }
    }

    private void read(Unembedding.Scores scores, int position, int rows) {
        long[] ids = new long[rows];
        for (int row = 0; row < rows; row++) {
            ids[row] = sample.prompt().at(position + row);
        }
        float[] block = Ops.toFloats(scores.logprobs(Ops.indices(ids).view(rows, 1)));
        System.arraycopy(block, 0, logprobs, position, rows);
        if (top.isWanted()) {
            Ops.Top likeliest = scores.top(top.count());
            long[] tokens = Ops.toLongs(likeliest.indices());
            float[] values = Ops.toFloats(likeliest.values());
            for (int row = 0; row < rows; row++) {
                top.add(tokens, values, top.count(), row);
            }
        }
    }

    Optional<Floats> logprobs() {
        return sample.score().logprobs() ? Optional.of(Floats.of(logprobs)) : Optional.empty();
    }

    Optional<Outcome.TopTokens> top() {
        return top.isWanted() ? Optional.of(top.result()) : Optional.empty();
    }
}
