package dev.tinsmith.torch.draw;

import dev.tinsmith.engine.SamplingSpec;
import java.util.Arrays;
import java.util.Comparator;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/// The likeliest tokens of a position, likeliest first, of equal ones the lowest id first, as far
/// as it is sure who they are. Mostly a draw that leaves some tokens out needs no more of them.
public final class Shortlist {
    private final int[] ids;
    private final float[] weights;

    private Shortlist(int[] ids, float[] weights) {
        this.ids = ids;
        this.weights = weights;
    }

    /// Of the tokens with the highest scores, in any order. Those with the lowest of these scores
    /// are left out, since there may be more of them.
    ///
    /// @param weights how likely each is, up to a factor
    public static Shortlist of(long[] ids, float[] scores, float[] weights) {
        float least = least(scores);
        int[] order =
                IntStream.range(0, ids.length)
                        .filter(place -> scores[place] > least)
                        .boxed()
                        .sorted(
                                Comparator.comparingDouble((Integer place) -> -scores[place])
                                        .thenComparingLong(place -> ids[place]))
                        .mapToInt(place -> place)
                        .toArray();
        float[] sorted = new float[order.length];
        for (int i = 0; i < sorted.length; i++) {
            sorted[i] = weights[order[i]];
        }
        return new Shortlist(Arrays.stream(order).map(place -> (int) ids[place]).toArray(), sorted);
    }

    private static float least(float[] scores) {
        float least = Float.POSITIVE_INFINITY;
        for (float score : scores) {
            least = Math.min(least, score);
        }
        return least;
    }

    /// What [Draw#from] draws.
    ///
    /// @param sum of the weights of the whole vocabulary
    /// @return nothing if there are too few here
    public OptionalInt draw(SamplingSpec spec, int vocabulary, double sum, double uniform) {
        boolean some = spec.topK() > 0 && spec.topK() < vocabulary;
        if (some && spec.topK() > ids.length) {
            return OptionalInt.empty();
        }
        int kept = some ? spec.topK() : ids.length;
        if (spec.topP() < 1) {
            double enough = spec.topP() * (some ? sum(kept) : sum);
            int needed = nucleus(enough);
            if (needed > kept && !some) {
                return OptionalInt.empty();
            }
            kept = Math.min(needed, kept);
        }
        return OptionalInt.of(ids[pick(kept, uniform)]);
    }

    /// How many of the first are enough; one more than there are if all of them are not.
    private int nucleus(double enough) {
        double sum = 0;
        for (int i = 0; i < ids.length; i++) {
            sum += weights[i];
            if (sum >= enough) {
                return i + 1;
            }
        }
        return ids.length + 1;
    }

    private int pick(int kept, double uniform) {
        double left = uniform * sum(kept);
        for (int i = 0; i < kept; i++) {
            left -= weights[i];
            if (left < 0) {
                return i;
            }
        }
        return 0; // rounding left a crumb
    }

    private double sum(int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += weights[i];
        }
        return sum;
    }
}
