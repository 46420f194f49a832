package dev.tinsmith.torch.nn;

import dev.tinsmith.torch.attention.Mixer;
import dev.tinsmith.torch.attention.SequenceMixer;
import dev.tinsmith.torch.lora.Blend;
import dev.tinsmith.torch.lora.Training;
import dev.tinsmith.torch.ops.Dtype;
import dev.tinsmith.torch.ops.Ops;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/// A block between its norms: what it makes of the residual stream is added to it.
record Branch(RmsNorm before, Block block, Optional<RmsNorm> after) {

    /// Changes `h` in place.
    Kept forward(Tensor h_TD, Mixer mixer, Blend blend) {
        RmsNorm.Normed in = before.forward(h_TD);
        Block.Computed computed = block.forward(in.y_TD(), mixer, blend);
        Optional<RmsNorm.Normed> out =
                after.map(norm -> norm.forward(Ops.to(computed.y_TD(), Dtype.F32)));
        Ops.add(h_TD, out.map(RmsNorm.Normed::y_TD).orElseGet(computed::y_TD));
        return new Kept(in, computed, out);
    }

    /// Turns `dh`, the gradient by what the branch left, into that by what it found.
    void backward(Tensor dh_TD, Kept kept, SequenceMixer mixer, Training training) {
        Tensor dy_TD =
                kept.out().map(normed -> after.orElseThrow().backward(dh_TD, normed)).orElse(dh_TD);
        Dtype dtype = Ops.dtype(kept.in().y_TD());
        Tensor dx_TD = kept.computed().backward(Ops.to(dy_TD, dtype), mixer, training);
        before.backward(dh_TD, dx_TD, kept.in());
    }

    /// What a backward pass needs of a forward pass.
    record Kept(RmsNorm.Normed in, Block.Computed computed, Optional<RmsNorm.Normed> out) {
        List<Tensor> tensors() {
            List<Tensor> tensors = new ArrayList<>(in.kept());
            tensors.addAll(computed.kept());
            out.ifPresent(normed -> tensors.addAll(normed.toGoBack()));
            return tensors;
        }
    }
}
