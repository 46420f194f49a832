package dev.tinsmith.torch.nn;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/// The low-rank factors of one projection, or their gradients: views of a flat row that someone
/// else owns. Parts that share an input share one matrix, so that one multiplication serves all.
///
/// @param down_DR `[in, parts × rank]`, the parts' factors A side by side, transposed
/// @param up_RO for each part `[rank, out]`, its factor B, transposed
public record Factors(Tensor down_DR, List<Tensor> up_RO) {
    public Factors {
        up_RO = List.copyOf(up_RO);
    }

    /// The rank of one part.
    public long rank() {
        return up_RO.getFirst().size(0);
    }
}
