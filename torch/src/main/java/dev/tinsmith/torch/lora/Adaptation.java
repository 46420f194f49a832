package dev.tinsmith.torch.lora;

import java.util.Optional;

/// What an adapter adds, projection by projection.
public interface Adaptation {
    /// The base as it is.
    Adaptation NONE =
            new Adaptation() {
                @Override
                public Optional<Added> at(int layer, Site site, int expert) {
                    return Optional.empty();
                }

                @Override
                public Optional<Added> unembedding() {
                    return Optional.empty();
                }
            };

    /// To a layer's projection.
    ///
    /// @param expert whose it is, 0 where there are no experts
    Optional<? extends Added> at(int layer, Site site, int expert);

    /// To the unembedding.
    Optional<? extends Added> unembedding();
}
