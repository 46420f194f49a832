package dev.tinsmith.models.peft;

import dev.tinsmith.engine.Floats;
import dev.tinsmith.engine.LoraSpec;
import dev.tinsmith.engine.format.AdapterFolder;
import dev.tinsmith.engine.format.AdapterFolder.Factors;
import dev.tinsmith.engine.format.FormatException;
import java.util.Arrays;

/// Factors of any rank and scale as factors of ours: rows and columns of zeros make up the rank,
/// and B takes what the scales differ by.
///
/// Where that is a power of two not a bit is lost, and [#undone] brings every number back. Zeros
/// stay zeros while a run trains, as neither factor has a gradient where the other is zero.
///
/// @param rank theirs
/// @param full ours
/// @param times what B is multiplied by
record Folding(int rank, int full, double times) {

    /// The way of a module whose product is multiplied by `scale` into factors of the rank `full`.
    static Folding of(int rank, double scale, int full) {
        return new Folding(rank, full, scale * full / LoraSpec.ALPHA);
    }

    /// Whether it is a power of two that B is multiplied by.
    boolean isPowerOfTwo() {
        return times == Math.scalb(1.0, Math.getExponent(times));
    }

    /// Our factors.
    ///
    /// @throws FormatException if a number of B becomes too large
    Factors done(String module, float[] a_RI, float[] b_OR) {
        float[] scaled_OR = b_OR.clone();
        for (int i = 0; i < scaled_OR.length; i++) {
            scaled_OR[i] = (float) (b_OR[i] * times);
            if (!Float.isFinite(scaled_OR[i])) {
                throw new FormatException(
                        "%s holds %s in lora_B of %s, which times %s is too large for single precision; the adapter cannot be said here"
                                .formatted(AdapterFolder.WEIGHTS, b_OR[i], module, times));
            }
        }
        float[] a_FI = Arrays.copyOf(a_RI, a_RI.length / rank * full);
        return new Factors(
                module, full, Floats.of(a_FI), Floats.of(columns(scaled_OR, rank, full)));
    }

    /// Their factors.
    Factors undone(Factors ours) {
        float[] a_RI = Arrays.copyOf(ours.a().toArray(), ours.in() * rank);
        float[] b_OR = columns(ours.b().toArray(), full, rank);
        for (int i = 0; i < b_OR.length; i++) {
            b_OR[i] = (float) (b_OR[i] / times);
        }
        return new Factors(ours.module(), rank, Floats.of(a_RI), Floats.of(b_OR));
    }

    /// Whether `theirs` can be had back from `ours`, to the bit.
    boolean keeps(float[] theirs_OR, Factors ours) {
        return Arrays.equals(theirs_OR, undone(ours).b().toArray());
    }

    /// Rows of `from` numbers as rows of `to`, cut or made up with zeros.
    private static float[] columns(float[] rows, int from, int to) {
        int count = rows.length / from;
        float[] result = new float[count * to];
        for (int row = 0; row < count; row++) {
            System.arraycopy(rows, row * from, result, row * to, Math.min(from, to));
        }
        return result;
    }
}
