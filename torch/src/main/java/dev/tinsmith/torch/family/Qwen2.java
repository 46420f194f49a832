package dev.tinsmith.torch.family;

import dev.tinsmith.engine.format.HfConfig;
import dev.tinsmith.torch.model.DecoderSpec;

/// Qwen 2 and 2.5: queries, keys and values have biases.
final class Qwen2 implements ModelFamily {
    @Override
    public String architecture() {
        return "Qwen2ForCausalLM";
    }

    @Override
    public DecoderSpec describe(HfConfig config) {
        UsualKeys keys = new UsualKeys(config);
        return keys.decoder(keys.attention().withBiases().withWindows(keys.qwenWindows()));
    }
}
