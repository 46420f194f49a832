package dev.tinsmith.torch.nn;

import dev.tinsmith.torch.lora.Blend;
import dev.tinsmith.torch.lora.Factors;
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
    Projected forward(Tensor x_TI, Blend blend) {
        return blend.delta(
                        x_TI,
                        () -> x_TI.new_empty(x_TI.size(0), weight_OI.rows()),
                        adaptation -> adaptation.at(layer, site))
                .map(delta ->
                        new Projected(weight_OI.timesPlus(x_TI, delta.delta_TO()), delta.low_TR()))
                .orElseGet(() -> new Projected(weight_OI.times(x_TI), Optional.empty()));
    }

    /// The gradient by the input; that by the factors is added to that of the training.
    ///
    /// @param x_TI the input of the forward pass
    /// @param low_TR its [Projected#low_TR]
    Tensor backward(Tensor dy_TO, Tensor x_TI, Optional<Tensor> low_TR, Training training) {
        return low_TR.map(low ->
                        weight_OI.timesBackPlus(dy_TO, backwardFactors(dy_TO, x_TI, low, training)))
                .orElseGet(() -> weight_OI.timesBack(dy_TO));
    }

    private Tensor backwardFactors(Tensor dy_TO, Tensor x_TI, Tensor low_TR, Training training) {
        Factors gradients = training.gradients().at(layer, site).orElseThrow();
        return training.factors()
                .at(layer, site)
                .orElseThrow()
                .backward(dy_TO, x_TI, low_TR, gradients);
    }

    /// What a projection put out.
    ///
    /// @param low_TR what a backward pass through the adapter needs
    record Projected(Tensor y_TO, Optional<Tensor> low_TR) {}
}
