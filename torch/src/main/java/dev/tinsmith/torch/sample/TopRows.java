package dev.tinsmith.torch.sample;

import dev.tinsmith.engine.Floats;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.Tokens;
import dev.tinsmith.torch.draw.Likeliest;
import java.util.Arrays;

/// The likeliest tokens of one position after another.
final class TopRows {
    private final int count;
    private int[] ids = {};
    private float[] logprobs = {};
    private int rows;

    /// @param count how many of each position; 0: none
    TopRows(int count) {
        this.count = count;
    }

    boolean isWanted() {
        return count > 0;
    }

    /// Adds a position that nobody computed.
    void addAbsent() {
        int from = grow();
        Arrays.fill(ids, from, from + count, 0);
        Arrays.fill(logprobs, from, from + count, Outcome.TopTokens.ABSENT);
    }

    /// Adds a position.
    void add(Position at) {
        int[] likeliest = Likeliest.of(at.logits(), count);
        int from = grow();
        System.arraycopy(likeliest, 0, ids, from, count);
        System.arraycopy(at.logprobs(likeliest), 0, logprobs, from, count);
    }

    private int grow() {
        int from = rows * count;
        if (from + count > ids.length) {
            int size = Math.max(from + count, 2 * ids.length);
            ids = Arrays.copyOf(ids, size);
            logprobs = Arrays.copyOf(logprobs, size);
        }
        rows++;
        return from;
    }

    Outcome.TopTokens result() {
        return new Outcome.TopTokens(
                count,
                rows,
                Tokens.of(Arrays.copyOf(ids, rows * count)),
                Floats.of(Arrays.copyOf(logprobs, rows * count)));
    }
}
