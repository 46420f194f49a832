package dev.tinsmith.torch.ops;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/// How large the numbers of a long row are, F32 and contiguous.
///
/// The row is cut into shorter ones first: libtorch's reductions are quick, and run on all threads,
/// only where there are many rows. The norm of a gradient of eleven million numbers took a fiftieth
/// of a training step otherwise.
///
/// N numbers, C of a shorter row.
public final class Magnitude {
    private static final long C = 4_096;

    private Magnitude() {}

    /// Whether every number of a contiguous tensor is finite.
    public static boolean isFinite(Tensor x) {
        try (Scope _ = Scope.open()) {
            return Double.isFinite(largest(x.view(-1)));
        }
    }

    /// The largest |x|; not a number if any is not.
    public static double largest(Tensor x_N) {
        try (Scope _ = Scope.open()) {
            Tensor most = Ops.maxLast(eachRow(x_N, Ops::maxLast));
            Tensor least = Ops.minLast(eachRow(x_N, Ops::minLast));
            return Math.max(Ops.toFloats(most)[0], -Ops.toFloats(least)[0]);
        }
    }

    /// √Σx²; neither finite nor an exception if any x is not finite.
    public static double norm(Tensor x_N) {
        try (Scope _ = Scope.open()) {
            double quick = Ops.norm(eachRow(x_N, Ops::normLast));
            return Double.isFinite(quick) ? quick : Ops.norm(x_N); // squares too large for F32
        }
    }

    private static Tensor eachRow(Tensor x_N, UnaryOperator<Tensor> reduction) {
        long rows = x_N.numel() / C;
        long rest = x_N.numel() - rows * C;
        List<Tensor> reduced = new ArrayList<>();
        if (rows > 0) {
            reduced.add(reduction.apply(x_N.narrow(0, 0, rows * C).view(rows, C)).flatten());
        }
        if (rest > 0) {
            reduced.add(reduction.apply(x_N.narrow(0, rows * C, rest).view(1, rest)).flatten());
        }
        return Ops.concat(reduced, 0);
    }
}
