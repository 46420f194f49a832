package dev.tinsmith.torch.nn;

import dev.tinsmith.torch.model.DecoderSpec.Heads;
import dev.tinsmith.torch.ops.Dtype;
import dev.tinsmith.torch.ops.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/// The norms of each head's queries and keys, before they are rotated.
///
/// T rows, O the width of queries, keys and values together, H the heads of queries and keys, E the
/// width of a head.
record HeadNorms(Heads heads, RmsNorm norm) {

    /// Normalises the queries and keys of `qkv` in place.
    Normed forward(Tensor qkv_TO) {
        Tensor x_THE = queriesAndKeys(qkv_TO);
        RmsNorm.Normed normed = norm.forward(Ops.to(x_THE, Dtype.F32));
        x_THE.copy_(normed.y_TD());
        return new Normed(normed);
    }

    /// Turns the gradient by what [#forward] left into that by what it found, in place.
    void backward(Tensor dqkv_TO, Normed normed) {
        Tensor d_THE = queriesAndKeys(dqkv_TO);
        d_THE.copy_(norm.backward(Ops.to(d_THE, Dtype.F32), normed.normed()));
    }

    private Tensor queriesAndKeys(Tensor qkv_TO) {
        int count = heads.query() + heads.keyValue();
        return qkv_TO.narrow(1, 0, (long) count * heads.size())
                .view(qkv_TO.size(0), count, heads.size());
    }

    /// What a backward pass needs.
    record Normed(RmsNorm.Normed normed) {
        List<Tensor> kept() {
            return normed.toGoBack();
        }
    }
}
