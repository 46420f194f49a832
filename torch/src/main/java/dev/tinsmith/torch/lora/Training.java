package dev.tinsmith.torch.lora;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/// The adapters that a backward pass is for, and where their gradients are added up.
public interface Training {
    /// What the forward pass adds to the base.
    Adaptation adaptation();

    /// Whether any layer is trained; if not, nothing needs to go back further than the unembedding.
    boolean isOfLayers();

    /// What is trained of a layer's projection.
    ///
    /// @param expert whose it is, 0 where there are no experts
    Optional<? extends Trained> at(int layer, Site site, int expert);

    /// What is trained of one projection.
    ///
    /// T rows, I the width of the input, O that of the output, R the columns of the first factor.
    interface Trained {
        /// The gradient by the input; adds to the gradients of the factors.
        ///
        /// @param low_TR the [Added.Delta#low_TR] of the forward pass
        Tensor backward(Tensor dy_TO, Tensor x_TI, Tensor low_TR);
    }
}
