package dev.tinsmith.torch.lora;

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
}
