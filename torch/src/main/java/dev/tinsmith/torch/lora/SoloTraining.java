package dev.tinsmith.torch.lora;

import java.util.Arrays;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/// One adapter for all rows.
///
/// @param factors in the dtype that matrices are multiplied in
/// @param gradients F32, in the same shapes
public record SoloTraining(FactorSet factors, FactorSet gradients) implements Training {
    @Override
    public FactorSet adaptation() {
        return factors;
    }

    @Override
    public boolean isOfLayers() {
        return Arrays.stream(Site.values()).anyMatch(site -> factors.at(0, site, 0).isPresent());
    }

    @Override
    public Optional<Pair> at(int layer, Site site, int expert) {
        return factors.at(layer, site, expert)
                .map(its -> new Pair(its, gradients.at(layer, site, expert).orElseThrow()));
    }

    /// What is trained of the unembedding.
    public Optional<Pair> unembedding() {
        return factors.unembedding()
                .map(its -> new Pair(its, gradients.unembedding().orElseThrow()));
    }

    /// Factors and their gradients.
    public record Pair(Factors factors, Factors gradients) implements Trained {
        @Override
        public Tensor backward(Tensor dy_TO, Tensor x_TI, Tensor low_TR) {
            return factors.backward(dy_TO, x_TI, low_TR, gradients);
        }
    }
}
