package dev.tinsmith.torch.lora;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/// What an adapter adds to one projection.
public interface Added {
    /// `y` and what it adds for the input `x`. May use up `y`.
    Projected addTo(Tensor y_TO, Tensor x_TI);

    /// What a projection puts out.
    ///
    /// @param low_TR the input times the first factor, where a backward pass can use it
    record Projected(Tensor y_TO, Optional<Tensor> low_TR) {}
}
