package dev.tinsmith.torch.lora;

import java.util.Optional;

/// The factors of every projection that an adapter changes, for training; or their gradients.
public interface FactorSet extends Adaptation {
    @Override
    Optional<Factors> at(int layer, Site site, int expert);

    @Override
    Optional<Factors> unembedding();
}
