package dev.tinsmith.torch.lora;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/// Consecutive rows of a pass, and what belongs to them.
///
/// @param from the first
/// @param rows how many
public record Range<A>(int from, int rows, A its) {
    /// These rows of `x_TC`, where they lie.
    Tensor of(Tensor x_TC) {
        return x_TC.narrow(0, from, rows);
    }

    /// Something else for the same rows.
    <B> Range<B> with(B other) {
        return new Range<>(from, rows, other);
    }

    /// What `of` says of each range; nothing if it has nothing for any.
    static <A, B> Optional<List<Range<Optional<B>>>> each(
            List<Range<A>> ranges, Function<A, Optional<B>> of) {
        List<Range<Optional<B>>> each =
                ranges.stream().map(range -> range.with(of.apply(range.its()))).toList();
        return Optional.of(each)
                .filter(some -> some.stream().anyMatch(range -> range.its().isPresent()));
    }
}
