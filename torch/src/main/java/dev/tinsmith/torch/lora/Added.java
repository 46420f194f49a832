package dev.tinsmith.torch.lora;

import java.util.Optional;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/// What an adapter adds to one projection.
///
/// It is computed before the projection itself, whose product is then added to it: so the sum is
/// rounded once. The other way about, what is less than half a unit in the last place of a bf16
/// product would be lost, always, and small steps of training with it.
public interface Added {
    /// What it adds for the input `x`.
    ///
    /// @param memory_TO makes room for it, if that is wanted
    Delta delta(Tensor x_TI, Supplier<Tensor> memory_TO);

    /// What is added.
    ///
    /// @param low_TR the scaled input of the second factor, where a backward pass can use it
    record Delta(Tensor delta_TO, Optional<Tensor> low_TR) {}
}
