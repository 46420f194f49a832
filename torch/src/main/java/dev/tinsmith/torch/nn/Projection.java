package dev.tinsmith.torch.nn;

import dev.tinsmith.torch.ops.Ops;
import java.util.Optional;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/// A frozen matrix, and whatever adapters add to it.
///
/// T rows, I the width of the input, O that of the output.
final class Projection {
    private final Tensor weight_OI;
    private final Function<FactorSet, Optional<Factors>> factorsOf;

    /// @param factorsOf where in an adapter the factors of this projection are
    Projection(Tensor weight_OI, Function<FactorSet, Optional<Factors>> factorsOf) {
        this.weight_OI = weight_OI;
        this.factorsOf = factorsOf;
    }

    /// `x·Wᵀ`, and what the adapters add.
    Projected forward(Tensor x_TI, Blend blend) {
        Tensor y_TO = Ops.mm(x_TI, weight_OI.t());
        return new Projected(y_TO, blend.addTo(y_TO, x_TI, factorsOf));
    }

    /// The gradient by the input; that by the factors is added to `gradients`.
    ///
    /// @param x_TI the input of the forward pass
    /// @param low_TR its [Projected#low_TR]
    Tensor backward(Tensor dy_TO, Tensor x_TI, Optional<Tensor> low_TR, Training training) {
        Tensor dx_TI = Ops.mm(dy_TO, weight_OI);
        low_TR.ifPresent(low ->
                LowRank.backward(
                        dx_TI,
                        dy_TO,
                        x_TI,
                        low,
                        factorsOf.apply(training.factors()).orElseThrow(),
                        factorsOf.apply(training.gradients()).orElseThrow(),
                        training.factors().scale()));
        return dx_TI;
    }

    /// What a projection put out.
    ///
    /// @param low_TR the input times the first factor, if one adapter changed every row
    record Projected(Tensor y_TO, Optional<Tensor> low_TR) {}
}
