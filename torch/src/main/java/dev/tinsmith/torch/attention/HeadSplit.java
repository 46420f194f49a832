package dev.tinsmith.torch.attention;

import dev.tinsmith.torch.model.AttentionSpec;
import dev.tinsmith.torch.model.DecoderSpec.Heads;
import org.bytedeco.pytorch.Tensor;

/// Finds queries, keys and values in the columns of what a layer's first projection puts out.
///
/// T rows, O all columns, K key-value heads, G query heads to each, E the width of a head.
///
/// @param scale what scores are multiplied by
record HeadSplit(Heads heads, double scale) {
    static HeadSplit of(AttentionSpec attention) {
        return new HeadSplit(attention.heads(), attention.scale());
    }

    /// `[T, K, G, E]`
    Tensor queries(Tensor qkv_TO) {
        return columns(qkv_TO, 0, heads.group());
    }

    /// `[T, K, 1, E]`
    Tensor keys(Tensor qkv_TO) {
        return columns(qkv_TO, heads.queryWidth(), 1);
    }

    /// `[T, K, 1, E]`
    Tensor values(Tensor qkv_TO) {
        return columns(qkv_TO, heads.queryWidth() + heads.keyValueWidth(), 1);
    }

    private Tensor columns(Tensor qkv_TO, long offset, long group) {
        return qkv_TO.narrow(1, offset, heads.keyValue() * group * heads.size())
                .view(qkv_TO.size(0), heads.keyValue(), group, heads.size());
    }
}
