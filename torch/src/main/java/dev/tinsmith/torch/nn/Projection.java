package dev.tinsmith.torch.nn;

import dev.tinsmith.torch.lora.Added;
import dev.tinsmith.torch.lora.Blend;
import dev.tinsmith.torch.lora.Site;
import dev.tinsmith.torch.lora.Training;
import dev.tinsmith.torch.ops.Matrix;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/// A frozen matrix of a layer, and whatever adapters add to it.
///
/// T rows, I the width of the input, O that of the output.
///
/// @param layer where adapters have their share of it
/// @param site likewise
record Projection(Matrix weight_OI, int layer, Site site) {

    /// `x·Wᵀ`, and what the adapters add.
    Added.Projected forward(Tensor x_TI, Blend blend) {
        return blend.addTo(weight_OI.times(x_TI), x_TI, adaptation -> adaptation.at(layer, site));
    }

    /// The gradient by the input; that by the factors is added to that of the training.
    ///
    /// @param x_TI the input of the forward pass
    /// @param low_TR its [Added.Projected#low_TR]
    Tensor backward(Tensor dy_TO, Tensor x_TI, Optional<Tensor> low_TR, Training training) {
        Tensor dx_TI = weight_OI.timesBack(dy_TO);
        if (low_TR.isPresent()) {
            training.factors()
                    .at(layer, site)
                    .orElseThrow()
                    .backward(
                            dx_TI,
                            dy_TO,
                            x_TI,
                            low_TR.get(),
                            training.gradients().at(layer, site).orElseThrow());
        }
        return dx_TI;
    }
}
