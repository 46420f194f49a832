package dev.tinsmith.torch.model;

import dev.tinsmith.engine.format.HfConfig;

/// Knows how one architecture's `config.json` is to be read. It describes; the blocks compute.
interface ModelFamily {
    /// Its name in `architectures`.
    String architecture();

    /// What the decoder is made of.
    DecoderSpec describe(HfConfig config);
}
