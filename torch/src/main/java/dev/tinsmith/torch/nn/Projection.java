package dev.tinsmith.torch.nn;

import dev.tinsmith.torch.lora.Blend;
import dev.tinsmith.torch.lora.Site;
import dev.tinsmith.torch.lora.Training;
import dev.tinsmith.torch.ops.Matrix;
import dev.tinsmith.torch.ops.Ops;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/// A frozen matrix of a layer, and whatever adapters add to it.
///
/// T rows, I the width of the input, O that of the output.
///
/// @param bias_O what is added to each row, in the dtype of products
/// @param layer where adapters have their share of it
/// @param site likewise
/// @param expert likewise, 0 where there are no experts
record Projection(Matrix weight_OI, Optional<Tensor> bias_O, int layer, Site site, int expert) {

    /// `x·Wᵀ`, what the adapters add, and the bias.
    Projected forward(Tensor x_TI, Blend blend) {
        Projected projected = product(x_TI, blend);
        bias_O.ifPresent(bias -> Ops.add(projected.y_TO(), bias));
        return projected;
    }

    private Projected product(Tensor x_TI, Blend blend) {
        return blend.delta(
                        x_TI,
                        () -> x_TI.new_empty(x_TI.size(0), weight_OI.rows()),
                        adaptation -> adaptation.at(layer, site, expert))
                .map(delta ->
                        new Projected(weight_OI.timesPlus(x_TI, delta.delta_TO()), delta.low_TR()))
                .orElseGet(() -> new Projected(weight_OI.times(x_TI), Optional.empty()));
    }

    /// The gradient by the input; that by the factors is added to that of the training.
    ///
    /// @param x_TI the input of the forward pass
    /// @param low_TR its [Projected#low_TR]
    Tensor backward(Tensor dy_TO, Tensor x_TI, Optional<Tensor> low_TR, Training training) {
        return low_TR.map(
                        low -> {
                            Training.Trained its = training.at(layer, site, expert).orElseThrow();
                            return weight_OI.timesBackPlus(dy_TO, its.backward(dy_TO, x_TI, low));
                        })
                .orElseGet(() -> weight_OI.timesBack(dy_TO));
    }

    /// What a projection put out.
    ///
    /// @param low_TR what a backward pass through the adapter needs
    record Projected(Tensor y_TO, Optional<Tensor> low_TR) {}
}
