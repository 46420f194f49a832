package dev.tinsmith.torch.sample;

import dev.tinsmith.engine.SamplingSpec;

/// Picks a token by its weight.
final class Draw {
    /// How many of the likeliest are looked at first when only some may be drawn.
    private static final int FIRST_LOOK = 256;

    private Draw() {}

    /// Sorted weights, on demand, since only some draws need them and mostly few.
    interface Likeliest {
        /// The `count` largest weights and their tokens, largest first.
        Sorted take(int count);
    }

    /// Some tokens in falling order of weight.
    static final class Sorted {
        private final long[] tokens;
        private final float[] weights;

        Sorted(long[] tokens, float[] weights) {
            this.tokens = tokens;
            this.weights = weights;
        }
    }

    /// A token drawn from `weights`, which are not negative and need not add up to 1.
    ///
    /// @param uniform a random number in [0, 1)
    static int from(float[] weights, Likeliest likeliest, SamplingSpec spec, double uniform) {
        boolean some = spec.topK() > 0 && spec.topK() < weights.length;
        if (!some && spec.topP() >= 1) {
            return scan(weights, sum(weights), uniform);
        }
        int most = some ? spec.topK() : weights.length;
        if (some && spec.topP() >= 1) {
            return pick(likeliest.take(most), most, uniform);
        }
        double enough = spec.topP() * (some ? sum(likeliest.take(most).weights) : sum(weights));
        int look = Math.min(most, FIRST_LOOK);
        Sorted sorted = likeliest.take(look);
        int kept = nucleus(sorted.weights, enough);
        while (kept > look) {
            look = (int) Math.min(most, 8L * look);
            sorted = likeliest.take(look);
            kept =
                    look == most
                            ? Math.min(look, nucleus(sorted.weights, enough))
                            : nucleus(sorted.weights, enough);
        }
        return pick(sorted, kept, uniform);
    }

    /// How many of the first are enough; one more than there are if all of them are not.
    private static int nucleus(float[] sorted, double enough) {
        double sum = 0;
        for (int i = 0; i < sorted.length; i++) {
            sum += sorted[i];
            if (sum >= enough) {
                return i + 1;
            }
        }
        return sorted.length + 1;
    }

    private static int pick(Sorted sorted, int kept, double uniform) {
        double total = 0;
        for (int i = 0; i < kept; i++) {
            total += sorted.weights[i];
        }
        double left = uniform * total;
        for (int i = 0; i < kept; i++) {
            left -= sorted.weights[i];
            if (left < 0) {
                return (int) sorted.tokens[i];
            }
        }
        return (int) sorted.tokens[0];
    }

    private static int scan(float[] weights, double total, double uniform) {
        double left = uniform * total;
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

    private static double sum(float[] weights) {
        double sum = 0;
        for (float weight : weights) {
            sum += weight;
        }
        return sum;
    }
}
