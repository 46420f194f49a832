package dev.tinsmith.torch.draw;

import java.util.Arrays;

/// Finds the tokens with the highest scores: in falling order, of equal ones the lowest id first,
/// so that what is likeliest never depends on how it was looked for.
public final class Likeliest {
    private Likeliest() {}

    /// The `count` likeliest tokens; all of them if there are no more.
    ///
    /// @param scores one for each token, none of them NaN
    public static int[] of(float[] scores, int count) {
        int most = Math.min(count, scores.length);
        if (most == 0) {
            return new int[0];
        }
        long[] kept = new long[(int) Math.min(2L * most, scores.length)];
        int size = 0;
        long worst = Long.MIN_VALUE;
        for (int id = 0; id < scores.length; id++) {
            long key = key(scores[id], id);
            if (key > worst) {
                if (size == kept.length) {
                    Arrays.sort(kept);
                    System.arraycopy(kept, size - most, kept, 0, most);
                    size = most;
                    worst = kept[0];
                    if (key <= worst) {
                        continue;
                    }
                }
                kept[size++] = key;
            }
        }
        Arrays.sort(kept, 0, size);
        int[] ids = new int[most];
        for (int i = 0; i < most; i++) {
            ids[i] = Integer.MAX_VALUE - (int) kept[size - 1 - i];
        }
        return ids;
    }

    /// A number that is the larger, the likelier: the score's rank above, the id below.
    private static long key(float score, int id) {
        int bits = Float.floatToRawIntBits(score + 0f); // so that −0 is 0
        int rank = bits ^ ((bits >> 31) & Integer.MAX_VALUE);
        return ((long) rank << Integer.SIZE) | (Integer.MAX_VALUE - id);
    }
}
