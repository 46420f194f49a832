package dev.tinsmith.torch.nn;

import dev.tinsmith.torch.attention.Mixer;
import dev.tinsmith.torch.attention.SequenceMixer;
import dev.tinsmith.torch.lora.Blend;
import dev.tinsmith.torch.lora.Training;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/// One layer of a decoder: attention, then a feed-forward block, each added to the residual stream,
/// which stays in F32.
record Layer(Branch attention, Branch feedForward) {

    /// Changes `h` in place.
    Kept forward(Tensor h_TD, Mixer mixer, Blend blend) {
        Branch.Kept attended = attention.forward(h_TD, mixer, blend);
        return new Kept(attended, feedForward.forward(h_TD, mixer, blend));
    }

    /// Turns `dh`, the gradient by what the layer put out, into that by what came in.
    void backward(Tensor dh_TD, Kept kept, SequenceMixer mixer, Training training) {
        feedForward.backward(dh_TD, kept.fed(), mixer, training);
        attention.backward(dh_TD, kept.attended(), mixer, training);
    }

    /// What a backward pass needs of a forward pass.
    record Kept(Branch.Kept attended, Branch.Kept fed) {
        List<Tensor> tensors() {
            List<Tensor> tensors = new ArrayList<>(attended.tensors());
            tensors.addAll(fed.tensors());
            return tensors;
        }
    }
}
