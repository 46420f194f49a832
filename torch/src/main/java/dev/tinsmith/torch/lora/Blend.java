package dev.tinsmith.torch.lora;

import dev.tinsmith.torch.ops.Ops;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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

    /// Some rows by one adapter, some by another; each share says which.
    public static Blend of(List<Share> shares) {
        return new Blend(shares);
    }

    /// The rows that one adapter changes.
    ///
    /// @param rows their indices as int64; absent: all
    public record Share(Adaptation adaptation, Optional<Tensor> rows) {}

    /// The same for these of its rows alone.
    public Blend narrowed(long[] rows) {
        List<Share> narrowed = new ArrayList<>();
        for (Share share : shares) {
            if (share.rows().isEmpty()) {
                narrowed.add(share);
            } else {
                Set<Long> its =
                        Arrays.stream(Ops.toLongs(share.rows().get()))
                                .boxed()
                                .collect(Collectors.toSet());
                long[] places =
                        IntStream.range(0, rows.length)
                                .filter(place -> its.contains(rows[place]))
                                .asLongStream()
                                .toArray();
                if (places.length > 0) {
                    narrowed.add(new Share(share.adaptation(), Optional.of(Ops.indices(places))));
                }
            }
        }
        return new Blend(narrowed);
    }

    /// What the adapters make of `x`, if any of them adds to this projection.
    ///
    /// @param memory_TO makes room for it
    /// @param of picks one projection's share of an adapter
    public Optional<Added.Delta> delta(
            Tensor x_TI,
            Supplier<Tensor> memory_TO,
            Function<Adaptation, Optional<? extends Added>> of) {
        if (shares.size() == 1 && shares.getFirst().rows().isEmpty()) {
            return of.apply(shares.getFirst().adaptation())
                    .map(added -> added.delta(x_TI, memory_TO));
        }
        Optional<Added.Delta> all = Optional.empty();
        for (Share share : shares) {
            Optional<? extends Added> added = of.apply(share.adaptation());
            if (added.isPresent()) {
                all = Optional.of(all.orElseGet(() -> nothing(memory_TO)));
                put(all.get().delta_TO(), x_TI, added.get(), share.rows().orElseThrow());
            }
        }
        return all;
    }

    private static Added.Delta nothing(Supplier<Tensor> memory_TO) {
        Tensor delta_TO = memory_TO.get();
        delta_TO.zero_();
        return new Added.Delta(delta_TO, Optional.empty());
    }

    private static void put(Tensor all_TO, Tensor x_TI, Added added, Tensor rows) {
        Tensor some_TI = Ops.rows(x_TI, rows);
        Added.Delta some =
                added.delta(some_TI, () -> all_TO.new_empty(rows.size(0), all_TO.size(1)));
        Ops.putRows(all_TO, rows, some.delta_TO());
    }
}
