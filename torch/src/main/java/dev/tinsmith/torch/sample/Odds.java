package dev.tinsmith.torch.sample;

import dev.tinsmith.engine.SamplingSpec;
import dev.tinsmith.torch.draw.Shortlist;
import dev.tinsmith.torch.ops.Dtype;
import dev.tinsmith.torch.ops.Ops;
import dev.tinsmith.torch.ops.Scope;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;

/// How likely each token is in several rows at once, up to a factor in each row: its likeliest has
/// 1. They stay where they are computed. What comes to Java are sums of blocks of them, the one
///    block that a token is drawn from, and short lists of the likeliest.
///
/// R rows, V the vocabulary, B blocks, W their columns, zeros behind the vocabulary; N rows that
/// leave tokens out, L likeliest of each.
final class Odds {
    private static final int BLOCK = 256;

    /// How many of the likeliest are looked at, and if that was not enough.
    private static final List<Integer> LOOKS = List.of(257, 2_049);

    private final Tensor logits_RV;
    private final Tensor weights_RW;
    private final int blocks;
    private final double[] blockSums;

    private Odds(Tensor logits_RV, Tensor weights_RW) {
        this.logits_RV = logits_RV;
        this.weights_RW = weights_RW;
        this.blocks = Math.toIntExact(weights_RW.size(1) / BLOCK);
        this.blockSums = Ops.sumsOfLast(weights_RW.view(-1, blocks, BLOCK));
    }

    /// At these temperatures, one for each row.
    static Odds of(Tensor logits_RV, float... temperatures) {
        long rows = logits_RV.size(0);
        long vocabulary = logits_RV.size(1);
        Tensor weights_RW =
                Ops.zeros(Dtype.F32, rows, Math.ceilDiv(vocabulary, BLOCK) * (long) BLOCK);
        Tensor weights_RV = weights_RW.narrow(1, 0, vocabulary);
        weights_RV.copy_(logits_RV);
        Ops.sub(weights_RV, Ops.maxLast(weights_RV));
        weights_RV.div_(Ops.floats(temperatures, rows, 1));
        weights_RV.exp_();
        return new Odds(logits_RV, weights_RW);
    }

    /// The next token of each continuation; nothing for those that need more of the likeliest than
    /// are looked at here.
    OptionalInt[] draw(List<Continuation> continuations) {
        OptionalInt[] drawn = new OptionalInt[continuations.size()];
        Arrays.fill(drawn, OptionalInt.empty());
        int[] whole = rows(continuations, false);
        if (whole.length > 0) {
            drawWhole(continuations, whole, drawn);
        }
        int[] some = rows(continuations, true);
        for (int look : LOOKS) {
            if (some.length > 0 && look < logits_RV.size(1)) {
                drawSome(continuations, some, look, drawn);
                some = Arrays.stream(some).filter(row -> drawn[row].isEmpty()).toArray();
            }
        }
        return drawn;
    }

    private int[] rows(List<Continuation> continuations, boolean leaveOut) {
        return IntStream.range(0, continuations.size())
                .filter(row -> leavesOut(continuations.get(row).spec()) == leaveOut)
                .toArray();
    }

    private boolean leavesOut(SamplingSpec spec) {
        return spec.topP() < 1 || (spec.topK() > 0 && spec.topK() < logits_RV.size(1));
    }

    /// From the whole vocabulary: first the block, then the token within it.
    private void drawWhole(List<Continuation> continuations, int[] rows, OptionalInt[] drawn) {
        double[] left = new double[rows.length];
        long[] chosen = new long[rows.length];
        for (int i = 0; i < rows.length; i++) {
            left[i] = continuations.get(rows[i]).uniform() * sum(rows[i]);
            int block = 0;
            while (block < blocks - 1 && left[i] >= blockSum(rows[i], block)) {
                left[i] -= blockSum(rows[i], block);
                block++;
            }
            chosen[i] = (long) rows[i] * blocks + block;
        }
        try (Scope _ = Scope.open()) {
            Tensor chosen_NB = Ops.rows(weights_RW.view(-1, BLOCK), Ops.indices(chosen));
            float[] weights = Ops.toFloats(chosen_NB);
            for (int i = 0; i < rows.length; i++) {
                int within = within(weights, i * BLOCK, left[i]);
                drawn[rows[i]] = OptionalInt.of((int) (chosen[i] % blocks) * BLOCK + within);
            }
        }
    }

    private static int within(float[] weights, int from, double share) {
        double left = share;
        int last = 0;
        for (int place = 0; place < BLOCK; place++) {
            float weight = weights[from + place];
            if (weight > 0) {
                last = place;
                left -= weight;
                if (left < 0) {
                    return place;
                }
            }
        }
        return last; // rounding left a crumb
    }

    private void drawSome(
            List<Continuation> continuations, int[] rows, int look, OptionalInt[] drawn) {
        try (Scope _ = Scope.open()) {
            Tensor index_N = Ops.indices(Arrays.stream(rows).asLongStream().toArray());
            T_TensorTensor_T top_NL = Ops.rows(logits_RV, index_N).topk(look);
            long[] ids = Ops.toLongs(top_NL.get1());
            float[] scores = Ops.toFloats(top_NL.get0());
            float[] weights =
                    Ops.toFloats(Ops.gatherLast(Ops.rows(weights_RW, index_N), top_NL.get1()));
            for (int i = 0; i < rows.length; i++) {
                int from = i * look;
                int to = from + look;
                Shortlist shortlist =
                        Shortlist.of(
                                Arrays.copyOfRange(ids, from, to),
                                Arrays.copyOfRange(scores, from, to),
                                Arrays.copyOfRange(weights, from, to));
                Continuation continuation = continuations.get(rows[i]);
                drawn[rows[i]] =
                        shortlist.draw(
                                continuation.spec(),
                                Math.toIntExact(logits_RV.size(1)),
                                sum(rows[i]),
                                continuation.uniform());
            }
        }
    }

    private double sum(int row) {
        double sum = 0;
        for (int block = 0; block < blocks; block++) {
            sum += blockSum(row, block);
        }
        return sum;
    }

    private double blockSum(int row, int block) {
        return blockSums[row * blocks + block];
    }
}
