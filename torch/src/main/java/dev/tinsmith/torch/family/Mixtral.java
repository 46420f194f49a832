package dev.tinsmith.torch.family;

import dev.tinsmith.engine.format.HfConfig;
import dev.tinsmith.torch.model.AttentionSpec;
import dev.tinsmith.torch.model.DecoderSpec;
import dev.tinsmith.torch.model.FeedForwardSpec;
import dev.tinsmith.torch.model.FeedForwardSpec.Experts;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/// Mixtral: a Mistral with a few experts in place of each feed-forward block.
final class Mixtral implements ModelFamily {
    private static final int EXPERTS = 8;
    private static final int PER_TOKEN = 2;

    @Override
    public String architecture() {
        return "MixtralForCausalLM";
    }

    @Override
    public DecoderSpec describe(HfConfig config) {
        UsualKeys keys = new UsualKeys(config);
        int window = config.integer("sliding_window", AttentionSpec.ALL);
        Experts experts =
                new Experts(
                        config.integer("num_local_experts", EXPERTS),
                        config.integer("num_experts_per_tok", PER_TOKEN),
                        true,
                        "block_sparse_moe",
                        List.of("w1", "w3", "w2"));
        FeedForwardSpec expert = keys.feedForward();
        return keys.decoder(
                keys.attention().withWindows(Collections.nCopies(keys.layers(), window)),
                new FeedForwardSpec(expert.inner(), expert.activation(), Optional.of(experts)));
    }
}
