package dev.tinsmith.torch.family;

import dev.tinsmith.engine.format.HfConfig;
import dev.tinsmith.torch.model.DecoderSpec;

/// Llama 2 and 3, and those that follow them, such as SmolLM2: grouped queries, a gated
/// feed-forward block, no biases.
final class Llama implements ModelFamily {
    @Override
    public String architecture() {
        return "LlamaForCausalLM";
    }

    @Override
    public DecoderSpec describe(HfConfig config) {
        UsualKeys keys = new UsualKeys(config);
        return keys.decoder(keys.attention());
    }
}
