package dev.tinsmith.torch.lora;

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
    public static Blend all(Adaptation adaptation) {
        return new Blend(List.of(new Share(adaptation, Optional.empty())));
    }

    /// Some rows by one adapter, some by another.
    public static Blend of(List<Share> shares) {
        return new Blend(shares);
    }

    /// The rows that one adapter changes.
    ///
    /// @param rows their indices as int64; absent: all
    public record Share(Adaptation adaptation, Optional<Tensor> rows) {}

    /// `y` and what the adapters make of `x`. May use up `y`.
    ///
    /// @param of picks one projection's share of an adapter
    public Added.Projected addTo(
            Tensor y_TO, Tensor x_TI, Function<Adaptation, Optional<? extends Added>> of) {
        Added.Projected all = new Added.Projected(y_TO, Optional.empty());
        for (Share share : shares) {
            Optional<? extends Added> added = of.apply(share.adaptation());
            if (added.isPresent()) {
                all = addTo(all, x_TI, added.get(), share.rows());
            }
        }
        return all;
    }

    private static Added.Projected addTo(
            Added.Projected all, Tensor x_TI, Added added, Optional<Tensor> rows) {
        if (rows.isEmpty()) {
            return added.addTo(all.y_TO(), x_TI);
        }
        Tensor index = rows.get();
        Tensor some_TO = added.addTo(Ops.rows(all.y_TO(), index), Ops.rows(x_TI, index)).y_TO();
        Ops.putRows(all.y_TO(), index, some_TO);
        return all;
    }
}
