package dev.tinsmith.torch.family;

import dev.tinsmith.engine.format.FormatException;
import dev.tinsmith.engine.format.HfConfig;
import dev.tinsmith.torch.model.DecoderSpec;
import dev.tinsmith.torch.model.FeedForwardSpec;
import dev.tinsmith.torch.model.FeedForwardSpec.Experts;
import java.util.List;
import java.util.Optional;

/// Qwen 3 with many experts in place of each feed-forward block.
final class Qwen3Moe implements ModelFamily {
    private static final int PER_TOKEN = 8;

    @Override
    public String architecture() {
        return "Qwen3MoeForCausalLM";
    }

    @Override
    public DecoderSpec describe(HfConfig config) {
        int step = config.integer("decoder_sparse_step", 1);
        if (step != 1 || !config.isEmpty("mlp_only_layers")) {
            throw new FormatException(
                    "config.json: decoder_sparse_step is %d, or mlp_only_layers names layers; only models with experts in every layer are known"
                            .formatted(step));
        }
        UsualKeys keys = new UsualKeys(config);
        Experts experts =
                new Experts(
                        config.has("num_experts")
                                ? config.integer("num_experts")
                                : config.integer("num_local_experts"),
                        config.integer("num_experts_per_tok", PER_TOKEN),
                        config.bool("norm_topk_prob", false),
                        "mlp",
                        List.of("gate_proj", "up_proj", "down_proj"));
        return keys.decoder(
                keys.attention().withNorms().withWindows(keys.qwenWindows()),
                new FeedForwardSpec(
                        config.integer("moe_intermediate_size"),
                        keys.activation(),
                        Optional.of(experts)));
    }
}
