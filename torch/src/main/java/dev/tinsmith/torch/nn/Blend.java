package dev.tinsmith.torch.nn;

import dev.tinsmith.torch.ops.Ops;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/// Which adapter changes which rows of what the base computes.
public final class Blend {
    private final List<Share> shares;

    private Blend(List<Share> shares) {
        this.shares = List.copyOf(shares);
    }

    /// Every row by the same adapter.
    public static Blend all(FactorSet factors) {
        return new Blend(List.of(new Share(factors, Optional.empty())));
    }

    /// Some rows by one adapter, some by another.
    public static Blend of(List<Share> shares) {
        return new Blend(shares);
    }

    /// The rows that one adapter changes.
    ///
    /// @param rows their indices as int64; absent: all
    public record Share(FactorSet factors, Optional<Tensor> rows) {}

    /// Adds to `y_TO` what the adapters make of `x_TI`.
    ///
    /// @param of picks the factors of one projection from an adapter's
    /// @return `x·A` where one adapter changes every row, which a backward pass needs
    Optional<Tensor> addTo(Tensor y_TO, Tensor x_TI, Function<FactorSet, Optional<Factors>> of) {
        Optional<Tensor> low_TR = Optional.empty();
        for (Share share : shares) {
            Optional<Factors> factors = of.apply(share.factors());
            if (factors.isEmpty()) {
                continue;
            }
            double scale = share.factors().scale();
            if (share.rows().isPresent()) {
                Tensor rows = share.rows().get();
                Tensor some_TO = Ops.rows(y_TO, rows);
                LowRank.add(some_TO, Ops.rows(x_TI, rows), factors.get(), scale);
                Ops.putRows(y_TO, rows, some_TO);
            } else {
                low_TR = Optional.of(LowRank.add(y_TO, x_TI, factors.get(), scale));
            }
        }
        return low_TR;
    }
}
