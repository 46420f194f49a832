package dev.tinsmith.torch.sample;

import dev.tinsmith.engine.Floats;
import dev.tinsmith.engine.Sample.PromptScore;
import dev.tinsmith.engine.Tokens;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// The log-probabilities of tokens that a request names, position by position.
final class TargetScores implements PromptReading {
    private final List<Tokens> targets;
    private final int first;
    private final float[] logprobs;
    private int filled;

    /// @param targets element i at position i + 1
    TargetScores(List<Tokens> targets) {
        this.targets = targets;
        this.first = first(targets);
        this.logprobs = new float[cells(targets)];
        this.filled = cells(targets.subList(0, first - 1));
    }

    private static int first(List<Tokens> targets) {
        int row = 0;
        while (row < targets.size() && named(targets.get(row)).length == 0) {
            row++;
        }
        return row + 1;
    }

    private static int cells(List<Tokens> targets) {
        return targets.stream().mapToInt(Tokens::length).sum();
    }

    /// Those before name nothing.
    @Override
    public int first() {
        return first;
    }

    private static int[] named(Tokens cells) {
        return IntStream.range(0, cells.length())
                .filter(cell -> cells.at(cell) != PromptScore.NO_TARGET)
                .toArray();
    }

    @Override
    public void read(Position at, int position) {
        Tokens cells = targets.get(position - 1);
        int[] named = named(cells);
        if (named.length > 0) {
            float[] values = at.logprobs(Arrays.stream(named).map(cells::at).toArray());
            for (int i = 0; i < named.length; i++) {
                logprobs[filled + named[i]] = values[i];
            }
        }
        filled += cells.length();
    }

    Optional<Floats> result() {
        return targets.isEmpty() ? Optional.empty() : Optional.of(Floats.of(logprobs));
    }
}
