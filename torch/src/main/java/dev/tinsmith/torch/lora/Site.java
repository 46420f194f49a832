package dev.tinsmith.torch.lora;

import dev.tinsmith.torch.model.DecoderSpec;
import java.util.List;

/// The projections of a layer. Some are several modules of the checkpoint side by side, because
/// they read the same input.
public enum Site {
    /// Queries, keys and values.
    QKV,
    /// Back from the heads to the residual stream.
    OUT,
    /// The two factors of the feed-forward block.
    GATE_UP,
    /// Back from the feed-forward block to the residual stream.
    DOWN;

    /// The modules of the checkpoint, within a layer, in the order in which they lie here.
    public List<String> modules() {
        return switch (this) {
            case QKV -> List.of("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj");
            case OUT -> List.of("self_attn.o_proj");
            case GATE_UP -> List.of("mlp.gate_proj", "mlp.up_proj");
            case DOWN -> List.of("mlp.down_proj");
        };
    }

    /// What the modules of experts are called in adapters, where they are stacked.
    public List<String> expertModules() {
        return switch (this) {
            case QKV, OUT -> List.of();
            case GATE_UP -> List.of("w1", "w3");
            case DOWN -> List.of("w2");
        };
    }

    /// Whether this belongs to the attention block.
    public boolean isAttention() {
        return switch (this) {
            case QKV, OUT -> true;
            case GATE_UP, DOWN -> false;
        };
    }

    /// The width of what goes in.
    public int in(DecoderSpec spec) {
        return switch (this) {
            case QKV, GATE_UP -> spec.hidden();
            case OUT -> spec.heads().queryWidth();
            case DOWN -> spec.feedForward().inner();
        };
    }

    /// The width of what each module puts out.
    public List<Integer> outs(DecoderSpec spec) {
        return switch (this) {
            case QKV ->
                    List.of(
                            spec.heads().queryWidth(),
                            spec.heads().keyValueWidth(),
                            spec.heads().keyValueWidth());
            case OUT, DOWN -> List.of(spec.hidden());
            case GATE_UP -> List.of(spec.feedForward().inner(), spec.feedForward().inner());
        };
    }
}
