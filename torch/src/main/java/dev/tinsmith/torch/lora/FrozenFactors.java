package dev.tinsmith.torch.lora;

import dev.tinsmith.torch.ops.Matrix;
import dev.tinsmith.torch.ops.Ops;
import dev.tinsmith.torch.ops.Scope;
import java.util.Optional;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/// Low-rank factors that are only ever sampled from, packed so that a few rows cost two small
/// products. It owns its numbers.
///
/// @param down_RI the parts' factors A, one below the other
/// @param up_OR the parts' factors B along the diagonal
/// @param scale as that of the [Factors] they come from: applied where those apply it, so that both
///   come to the same bits
public record FrozenFactors(Matrix down_RI, Matrix up_OR, double scale)
        implements Added, AutoCloseable {

    /// A packed copy of factors in bf16.
    public static FrozenFactors of(Factors factors) {
        try (Scope scope = Scope.open()) {
            Tensor down_RI = scope.keep(factors.down_IR().t().contiguous());
            Tensor up_OR = scope.keep(diagonal(factors));
            return new FrozenFactors(Matrix.of(down_RI), Matrix.of(up_OR), factors.scale());
        }
    }

    private static Tensor diagonal(Factors factors) {
        long out = factors.up_rO().stream().mapToLong(up -> up.size(1)).sum();
        Tensor up_OR = Ops.zeros(Ops.dtype(factors.down_IR()), out, factors.down_IR().size(1));
        long row = 0;
        long column = 0;
        for (Tensor up : factors.up_rO()) {
            up_OR.narrow(0, row, up.size(1)).narrow(1, column, up.size(0)).copy_(up.t());
            row += up.size(1);
            column += up.size(0);
        }
        return up_OR;
    }

    @Override
    public Delta delta(Tensor x_TI, Supplier<Tensor> memory_TO) {
        Tensor low_TR = down_RI.times(x_TI);
        Ops.mul(low_TR, scale);
        return new Delta(up_OR.times(low_TR), Optional.empty());
    }

    @Override
    public void close() {
        down_RI.close();
        up_OR.close();
    }
}
