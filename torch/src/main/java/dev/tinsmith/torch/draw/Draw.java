package dev.tinsmith.torch.draw;

import dev.tinsmith.engine.SamplingSpec;
import java.util.Arrays;
import java.util.function.IntFunction;

/// Picks a token by its weight. Weights are not negative and need not add up to 1.
public final class Draw {
    /// How many of the likeliest are looked at first when only some may be drawn.
    private static final int FIRST_LOOK = 256;

    private final float[] weights;
    private final IntFunction<int[]> likeliest;

    /// @param weights one for each token
    /// @param likeliest gives as many of the likeliest tokens as it is asked for, likeliest first;
    ///   only some draws need them, and mostly few
    public Draw(float[] weights, IntFunction<int[]> likeliest) {
        this.weights = weights;
        this.likeliest = likeliest;
    }

    /// A token from the likeliest that `spec` leaves: of its top k those that its top p needs.
    ///
    /// @param uniform a random number in [0, 1)
    public int from(SamplingSpec spec, double uniform) {
        boolean some = spec.topK() > 0 && spec.topK() < weights.length;
        if (!some && spec.topP() >= 1) {
            return scan(uniform);
        }
        int most = some ? spec.topK() : weights.length;
        if (spec.topP() >= 1) {
            return pick(likeliest.apply(most), most, uniform);
        }
        double enough = spec.topP() * (some ? sum(likeliest.apply(most)) : sum());
        int look = Math.min(most, FIRST_LOOK);
        int[] sorted = likeliest.apply(look);
        int kept = nucleus(sorted, enough);
        while (kept > look && look < most) {
            look = (int) Math.min(most, 8L * look);
            sorted = likeliest.apply(look);
            kept = nucleus(sorted, enough);
        }
        return pick(sorted, Math.min(kept, look), uniform);
    }

    /// A token for each of `uniforms`, from the whole vocabulary.
    ///
    /// @param uniforms random numbers in [0, 1)
    public static int[] several(float[] weights, double... uniforms) {
        double[] sums = new double[weights.length];
        double sum = 0;
        int last = 0;
        for (int token = 0; token < weights.length; token++) {
            sum += weights[token];
            sums[token] = sum;
            last = weights[token] > 0 ? token : last;
        }
        int[] tokens = new int[uniforms.length];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = Math.min(last, firstAbove(sums, uniforms[i] * sum));
        }
        return tokens;
    }

    /// The first of the rising `sums` that is above `share`; as many as there are if none is.
    private static int firstAbove(double[] sums, double share) {
        int found = Arrays.binarySearch(sums, share);
        if (found < 0) {
            return -found - 1;
        }
        while (found < sums.length && sums[found] <= share) {
            found++; // past those that have no weight
        }
        return found;
    }

    /// How many of the first are enough; one more than there are if all of them are not.
    private int nucleus(int[] sorted, double enough) {
        double sum = 0;
        for (int i = 0; i < sorted.length; i++) {
            sum += weights[sorted[i]];
            if (sum >= enough) {
                return i + 1;
            }
        }
        return sorted.length + 1;
    }

    private int pick(int[] sorted, int kept, double uniform) {
        double total = 0;
        for (int i = 0; i < kept; i++) {
            total += weights[sorted[i]];
        }
        double left = uniform * total;
        for (int i = 0; i < kept; i++) {
            left -= weights[sorted[i]];
            if (left < 0) {
                return sorted[i];
            }
        }
        return sorted[0]; // rounding left a crumb
    }

    private int scan(double uniform) {
        double left = uniform * sum();
        int last = 0;
        for (int token = 0; token < weights.length; token++) {
            if (weights[token] > 0) {
                last = token;
                left -= weights[token];
                if (left < 0) {
                    return token;
                }
            }
        }
        return last; // rounding left a crumb
    }

    private double sum() {
        double sum = 0;
        for (float weight : weights) {
            sum += weight;
        }
        return sum;
    }

    private double sum(int[] tokens) {
        double sum = 0;
        for (int token : tokens) {
            sum += weights[token];
        }
        return sum;
    }
}
