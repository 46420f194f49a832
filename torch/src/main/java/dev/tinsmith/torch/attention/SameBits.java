package dev.tinsmith.torch.attention;

import dev.tinsmith.torch.ops.Dtype;
import dev.tinsmith.torch.ops.Matrix;
import dev.tinsmith.torch.ops.Ops;
import dev.tinsmith.torch.ops.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/// Whether this machine keeps what `docs/decisions/0010-same-bits.md` builds on: that a row of a
/// product has the same bits whatever the other rows are, and a query whatever lies behind its
/// keys. Asked of the machine itself, since another processor may have other kernels.
public final class SameBits {
    private static final int ROWS = 256;
    private static final int HEAD = 64;
    private static final List<Integer> SOME = List.of(1, 2, 3, 5, 16, 31, 64, 129, 200);

    private final Random random = new Random(1);
    private final List<String> broken = new ArrayList<>();
    private final Dtype dtype;

    private SameBits(Dtype dtype) {
        this.dtype = dtype;
    }

    /// What is not kept, in words; empty if all is. Takes a tenth of a second or so.
    public static List<String> broken(Dtype dtype) {
        SameBits test = new SameBits(dtype);
        try (Scope _ = Scope.open()) {
            test.products(576, 1_536);
            test.products(1_536, 576);
            test.products(2_048, 256);
            test.attention();
        }
        return List.copyOf(test.broken);
    }

    private void products(int in, int out) {
        try (Scope scope = Scope.open();
                Matrix matrix = Matrix.of(scope.keep(normal(out, in)))) {
            Tensor x_TI = normal(ROWS, in);
            rows("a product of %d by %d".formatted(in, out), x_TI, 0, matrix::times);
        }
    }

    private void attention() {
        Tensor q_BRE = normal(3, ROWS, HEAD);
        Tensor k_BSE = normal(3, 1_024, HEAD);
        Tensor v_BSE = normal(3, 1_024, HEAD);
        rows("the scores of attention", q_BRE, 1, some -> Products.scores(some, k_BSE));
        Tensor p_BRS = Ops.softmax(Products.scores(q_BRE, k_BSE));
        rows("the sums of attention", p_BRS, 1, some -> Products.weigh(some, v_BSE));
        for (int seen : List.of(32, 160, 224, 416, 608)) {
            try (Scope _ = Scope.open()) {
                tail(Products.scores(q_BRE, k_BSE), v_BSE, seen);
            }
        }
    }

    /// The same keys, and then more that are not seen.
    private void tail(Tensor s_BRS, Tensor v_BSE, int seen) {
        Tensor few_BRS = Ops.softmax(s_BRS.narrow(2, 0, seen).contiguous());
        Ops.add(s_BRS.narrow(2, seen, s_BRS.size(2) - seen), Double.NEGATIVE_INFINITY);
        Tensor all_BRS = Ops.softmax(s_BRS);
        Tensor few_BRE = Products.weigh(few_BRS, v_BSE.narrow(1, 0, seen));
        check("attention over keys that are not seen", few_BRE, Products.weigh(all_BRS, v_BSE));
    }

    private void rows(String what, Tensor x, int dimension, UnaryOperator<Tensor> product) {
        Tensor all = product.apply(x);
        for (int count : SOME) {
            try (Scope _ = Scope.open()) {
                int from = random.nextInt(ROWS - count + 1);
                Tensor some = product.apply(x.narrow(dimension, from, count).contiguous());
                check(what, some, all.narrow(dimension, from, count));
            }
        }
    }

    private void check(String what, Tensor one, Tensor other) {
        if (!Arrays.equals(Ops.toFloats(one), Ops.toFloats(other)) && !broken.contains(what)) {
            broken.add(what);
        }
    }

    private Tensor normal(long... shape) {
        int count = 1;
        for (long size : shape) {
            count *= (int) size;
        }
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Ops.to(Ops.floats(values, shape), dtype);
    }
}
