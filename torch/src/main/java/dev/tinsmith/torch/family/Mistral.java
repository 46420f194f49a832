package dev.tinsmith.torch.family;

import dev.tinsmith.engine.format.HfConfig;
import dev.tinsmith.torch.model.AttentionSpec;
import dev.tinsmith.torch.model.DecoderSpec;
import java.util.Collections;

/// Mistral: a Llama whose tokens may see only so far back, alike in every layer.
final class Mistral implements ModelFamily {
    private static final int WINDOW = 4_096;

    @Override
    public String architecture() {
        return "MistralForCausalLM";
    }

    @Override
    public DecoderSpec describe(HfConfig config) {
        UsualKeys keys = new UsualKeys(config);
        int window =
                config.saysNone("sliding_window")
                        ? AttentionSpec.ALL
                        : config.integer("sliding_window", WINDOW);
        return keys.decoder(
                keys.attention().withWindows(Collections.nCopies(keys.layers(), window)));
    }
}
