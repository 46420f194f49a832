package dev.tinsmith.torch.family;

import dev.tinsmith.engine.format.HfConfig;
import dev.tinsmith.torch.model.DecoderSpec;

/// Knows how one architecture's `config.json` is to be read. It describes; the blocks compute.
interface ModelFamily {
    /// Its name in `architectures`.
    String architecture();

    /// What the decoder is made of.
    DecoderSpec describe(HfConfig config);
}
