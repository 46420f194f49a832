package dev.tinsmith.torch.lora;

import dev.tinsmith.torch.ops.Dtype;
import dev.tinsmith.torch.ops.LeastRows;
import dev.tinsmith.torch.ops.Ops;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/// The low-rank factors of one projection, or their gradients: views of a flat row that someone
/// else owns. Parts that share an input share one matrix, so that one multiplication serves all.
///
/// T rows, I the width of the input, O that of the output of all parts side by side, R the rank of
/// all parts side by side, r that of one.
///
/// @param down_IR the parts' factors A side by side, transposed
/// @param up_rO for each part its factor B, transposed
/// @param scale what their product is multiplied by
public record Factors(Tensor down_IR, List<Tensor> up_rO, double scale) implements Added {
    private static final long LEAST_COLUMNS = 32;

    public Factors {
        up_rO = List.copyOf(up_rO);
    }

    /// R
    long columns() {
        return down_IR.size(1);
    }

    /// `scale·(x·A)·B`, part by part.
    @Override
    public Delta delta(Tensor x_TI, Supplier<Tensor> memory_TO) {
        Tensor low_TR = low(x_TI);
        Tensor delta_TO = memory_TO.get();
        long offset = 0;
        for (int part = 0; part < up_rO.size(); part++) {
            Tensor up = up_rO.get(part);
            up(delta_TO.narrow(1, offset, up.size(1)), low(low_TR, part), up);
            offset += up.size(1);
        }
        return new Delta(delta_TO, Optional.of(low_TR));
    }

    /// `scale·x·A`, with the bits that [FrozenFactors] get.
    private Tensor low(Tensor x_TI) {
        Tensor low_TR =
                Ops.dtype(x_TI) == Dtype.F32 ? widened(x_TI) : Ops.timesNarrow(x_TI, down_IR);
        Ops.mul(low_TR, scale);
        return low_TR;
    }

    /// With 1 or 16 columns the bits of a row in F32 depend on how many rows there are.
    private Tensor widened(Tensor x_TI) {
        Tensor wide = LeastRows.padded(down_IR, 1, Math.max(columns(), LEAST_COLUMNS));
        Tensor low_TR = LeastRows.with(x_TI, 0, enough -> Ops.mm(enough, wide));
        return low_TR.narrow(1, 0, columns());
    }

    private static void up(Tensor out, Tensor low_Tr, Tensor up_rO) {
        if (low_Tr.size(0) >= LeastRows.of(Ops.dtype(low_Tr))) {
            Ops.mmInto(out, low_Tr, up_rO);
        } else {
            out.copy_(LeastRows.with(low_Tr, 0, enough -> Ops.mm(enough, up_rO)));
        }
    }

    /// The gradient by the input; adds to the gradients of the factors.
    ///
    /// @param low_TR the [Added.Delta#low_TR] of the forward pass
    /// @param gradients F32, as these in shape
    public Tensor backward(Tensor dy_TO, Tensor x_TI, Tensor low_TR, Factors gradients) {
        Tensor dlow_TR = Ops.emptyLike(low_TR);
        long offset = 0;
        for (int part = 0; part < up_rO.size(); part++) {
            Tensor up = up_rO.get(part);
            Tensor dy = dy_TO.narrow(1, offset, up.size(1));
            columns(dlow_TR, part).copy_(Ops.mm(dy, up.t()));
            addProduct(gradients.up_rO().get(part), low(low_TR, part).t(), dy);
            offset += up.size(1);
        }
        Ops.mul(dlow_TR, scale);
        addProduct(gradients.down_IR(), x_TI.t(), dlow_TR);
        return Ops.mm(dlow_TR, down_IR.t());
    }

    /// `sum += a·b`, where `sum` is F32 and `a` and `b` may be narrower.
    private static void addProduct(Tensor sum, Tensor a, Tensor b) {
        if (Ops.dtype(sum) == Ops.dtype(a)) {
            Ops.addMm(sum, a, b);
        } else {
            Ops.add(sum, Ops.mm(a, b));
        }
    }

    /// A copy of one part's columns, packed. What multiplies it takes a single column of several
    /// for the whole, and in bf16 reads its neighbours (libtorch 2.10); one written in place it
    /// writes over them.
    private Tensor low(Tensor low_TR, int part) {
        return columns(low_TR, part).contiguous();
    }

    private Tensor columns(Tensor low_TR, int part) {
        long rank = up_rO.getFirst().size(0);
        return low_TR.narrow(1, part * rank, rank);
    }
}
