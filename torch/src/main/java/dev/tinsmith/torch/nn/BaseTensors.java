package dev.tinsmith.torch.nn;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import org.bytedeco.pytorch.Tensor;

/// The frozen numbers of a base: matrices in the dtype they are multiplied in, norms in F32.
///
/// @param unembedding_VD the same tensor as `embedding_VD` where the two are tied
public record BaseTensors(
        Tensor embedding_VD, List<OfLayer> layers, Tensor norm_D, Tensor unembedding_VD) {
    public BaseTensors {
        layers = List.copyOf(layers);
    }

    /// The numbers of one layer.
    public record OfLayer(
            Tensor attentionNorm_D,
            Tensor qkv_OD,
            Tensor out_DO,
            Tensor mlpNorm_D,
            Tensor gateUp_MD,
            Tensor down_DM) {
        List<Tensor> tensors() {
            return List.of(attentionNorm_D, qkv_OD, out_DO, mlpNorm_D, gateUp_MD, down_DM);
        }
    }

    /// Each tensor, once.
    public List<Tensor> tensors() {
        SequencedSet<Tensor> tensors = new LinkedHashSet<>(List.of(embedding_VD, norm_D));
        layers.forEach(layer -> tensors.addAll(layer.tensors()));
        tensors.add(unembedding_VD);
        return new ArrayList<>(tensors);
    }
}
