package dev.tinsmith.torch.family;

import dev.tinsmith.engine.format.HfConfig;
import dev.tinsmith.torch.model.AttentionSpec;
import dev.tinsmith.torch.model.DecoderSpec;

/// Gemma 2: capped scores, a window in every other layer, norms before and after each block.
final class Gemma2 implements ModelFamily {
    private static final double ATTENTION_CAP = 50;
    private static final double CAP = 30;
    private static final int FULL_LAYERS = 2;

    @Override
    public String architecture() {
        return "Gemma2ForCausalLM";
    }

    @Override
    public DecoderSpec describe(HfConfig config) {
        GemmaKeys keys = new GemmaKeys(config);
        UsualKeys usual = keys.usual();
        AttentionSpec attention =
                keys.attention(usual.rope(), usual.cap("attn_logit_softcapping", ATTENTION_CAP))
                        .withWindows(keys.windows(FULL_LAYERS));
        return keys.decoder(attention, usual.cap("final_logit_softcapping", CAP));
    }
}
