package dev.tinsmith.torch.attention;

import org.bytedeco.pytorch.Tensor;

/// Lets tokens look at one another: the one step of a layer that is not row by row.
public interface Mixer {
    /// What each row gathers from the rows before it.
    ///
    /// @param qkv_TO the queries, keys and values of each row, side by side
    Mixed mix(int layer, Tensor qkv_TO);
}
