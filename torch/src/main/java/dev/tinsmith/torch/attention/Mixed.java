package dev.tinsmith.torch.attention;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/// What a [Mixer] put out, and what a backward pass needs of it.
///
/// @param kept as the mixer itself lays it out; empty where no backward pass follows
public record Mixed(Tensor y_TO, List<Tensor> kept) {
    public Mixed {
        kept = List.copyOf(kept);
    }
}
