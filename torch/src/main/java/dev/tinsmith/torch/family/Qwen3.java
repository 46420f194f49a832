package dev.tinsmith.torch.family;

import dev.tinsmith.engine.format.HfConfig;
import dev.tinsmith.torch.model.DecoderSpec;

/// Qwen 3, dense: norms its queries and keys, has no bias.
final class Qwen3 implements ModelFamily {
    private static final int HEAD = 128;

    @Override
    public String architecture() {
        return "Qwen3ForCausalLM";
    }

    @Override
    public DecoderSpec describe(HfConfig config) {
        UsualKeys keys = new UsualKeys(config);
        return keys.decoder(keys.attention(HEAD).withNorms().withWindows(keys.qwenWindows()));
    }
}
