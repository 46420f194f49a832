package dev.tinsmith.torch.nn;

import dev.tinsmith.torch.ops.Matrix;
import dev.tinsmith.torch.ops.Scope;
import java.util.LinkedHashSet;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/// The frozen numbers of a base: matrices in the dtype they are multiplied in, norms in F32. It
/// owns them.
///
/// @param unembedding_VD the same tensor as `embedding_VD` where the two are tied
public record BaseTensors(
        Tensor embedding_VD, List<OfLayer> layers, Tensor norm_D, Tensor unembedding_VD)
        implements AutoCloseable {
    public BaseTensors {
        layers = List.copyOf(layers);
    }

    /// The numbers of one layer.
    public record OfLayer(
            Tensor attentionNorm_D,
            Matrix qkv_OD,
            Matrix out_DO,
            Tensor mlpNorm_D,
            Matrix gateUp_MD,
            Matrix down_DM)
            implements AutoCloseable {
        @Override
        public void close() {
            Scope.free(List.of(attentionNorm_D, mlpNorm_D));
            List.of(qkv_OD, out_DO, gateUp_MD, down_DM).forEach(Matrix::close);
        }
    }

    @Override
    public void close() {
        layers.forEach(OfLayer::close);
        Scope.free(new LinkedHashSet<>(List.of(embedding_VD, norm_D, unembedding_VD)));
    }
}
