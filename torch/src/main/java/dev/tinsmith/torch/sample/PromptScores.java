package dev.tinsmith.torch.sample;

import dev.tinsmith.engine.Floats;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.Sample;
import dev.tinsmith.engine.Tokens;
import dev.tinsmith.torch.lora.Blend;
import dev.tinsmith.torch.nn.Unembedding;
import dev.tinsmith.torch.ops.Ops;
import dev.tinsmith.torch.ops.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/// What a request asked to know of its prompt's own tokens. Every question is answered from one
/// block of scores after the other, and a position that nobody asked about is not scored.
final class PromptScores {
    private final Tokens prompt;
    private final Sample.PromptScore asked;
    private final int firstOfLast;
    private final float[] logprobs;
    private final TopRows top;
    private final TargetScores targets;
    private final Alternatives alternatives;
    private final List<PromptReading> readings;
    private final int first;

    PromptScores(Sample sample) {
        this.prompt = sample.prompt();
        this.asked = sample.score();
        this.firstOfLast = Math.max(1, prompt.length() - Math.min(asked.lastN(), prompt.length()));
        this.logprobs = new float[asked.logprobs() ? prompt.length() : 0];
        Arrays.fill(logprobs, Float.NaN);
        this.top = new TopRows(asked.topK());
        for (int position = 0; position < Math.min(firstOfLast, prompt.length()); position++) {
            top.addAbsent();
        }
        this.targets = new TargetScores(asked.targets());
        this.alternatives = new Alternatives(sample);
        this.readings = readings();
        this.first = first();
    }

    /// The first position that anything is to be said of, which takes the row of the token before
    /// it; the prompt's length if there is none.
    int first() {
        int first = asked.logprobs() ? firstOfLast : prompt.length();
        for (PromptReading reading : readings) {
            first = Math.min(first, reading.first());
        }
        return first;
    }

    /// Reads what is wanted from the rows of the tokens from `from` on; stretch after stretch, and
    /// none left out from the first one that is wanted.
    ///
    /// @param x_TD what the unembedding reads; a token's row says what comes after it
    void read(Tensor x_TD, int from, Unembedding unembedding, Blend blend) {
        int end = Math.min(from + (int) x_TD.size(0) + 1, prompt.length());
        int position = Math.max(first, from + 1);
        while (position < end) {
            int rows = Math.min(unembedding.maxRows(), end - position);
            try (Scope _ = Scope.open()) {
                Tensor x_RD = x_TD.narrow(0, position - 1 - from, rows);
                Unembedding.Scores scores = unembedding.score(x_RD, blend);
                readLogprobs(scores, position, rows);
                for (int row = 0; row < rows; row++) {
                    read(new Position(scores, row), position + row);
                }
            }
            position += rows;
        }
    }

    private List<PromptReading> readings() {
        List<PromptReading> readings = new ArrayList<>();
        if (top.isWanted()) {
            readings.add(new TopReading());
        }
        if (!asked.targets().isEmpty()) {
            readings.add(targets);
        }
        if (asked.alternatives() > 0) {
            readings.add(alternatives);
        }
        return readings;
    }

    private void read(Position at, int position) {
        for (PromptReading reading : readings) {
            if (position >= reading.first()) {
                reading.read(at, position);
            }
        }
    }

    private void readLogprobs(Unembedding.Scores scores, int position, int rows) {
        int from = Math.max(position, firstOfLast);
        int count = position + rows - from;
        if (!asked.logprobs() || count <= 0) {
            return;
        }
        long[] ids = new long[rows];
        for (int row = 0; row < rows; row++) {
            ids[row] = prompt.at(position + row);
        }
        float[] block = Ops.toFloats(scores.logprobs(Ops.indices(ids).view(rows, 1)));
        System.arraycopy(block, from - position, logprobs, from, count);
    }

    /// What was found out, once the whole prompt is through.
    Outcome.Scored result() {
        return new Outcome.Scored(
                asked.logprobs() ? Optional.of(Floats.of(logprobs)) : Optional.empty(),
                top.isWanted() ? Optional.of(top.result()) : Optional.empty(),
                targets.result(),
                alternatives.result());
    }

    /// The likeliest tokens of the last positions.
    private final class TopReading implements PromptReading {
        @Override
        public int first() {
            return firstOfLast;
        }

        @Override
        public void read(Position at, int position) {
            top.add(at);
        }
    }
}
