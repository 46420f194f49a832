package dev.tinsmith.torch.nn;

import java.util.Optional;

/// The factors of every projection that an adapter changes, or the gradients of those.
public interface FactorSet {
    /// The base as it is.
    FactorSet NONE =
            new FactorSet() {
                @Override
                public Optional<Factors> at(int layer, Site site) {
                    return Optional.empty();
                }

                @Override
                public Optional<Factors> unembedding() {
                    return Optional.empty();
                }

                @Override
                public double scale() {
                    return 0;
                }
            };

    /// Those of a layer's projection.
    Optional<Factors> at(int layer, Site site);

    /// Those of the unembedding.
    Optional<Factors> unembedding();

    /// What their product is multiplied by.
    double scale();
}
