package dev.tinsmith.torch.lora;

import java.util.Optional;

/// What an adapter adds, projection by projection.
public interface Adaptation {
    /// The base as it is.
    Adaptation NONE =
            new Adaptation() {
                @Override
                public Optional<Added> at(int layer, Site site) {
                    return Optional.empty();
                }

                @Override
                public Optional<Added> unembedding() {
                    return Optional.empty();
                }
            };

    /// To a layer's projection.
    Optional<? extends Added> at(int layer, Site site);

    /// To the unembedding.
    Optional<? extends Added> unembedding();
}
