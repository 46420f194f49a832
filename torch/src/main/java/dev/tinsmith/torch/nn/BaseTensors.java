package dev.tinsmith.torch.nn;

import dev.tinsmith.torch.ops.Matrix;
import dev.tinsmith.torch.ops.Scope;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
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
    public record OfLayer(OfAttention attention, OfFeedForward feedForward)
            implements AutoCloseable {
        @Override
        public void close() {
            attention.close();
            feedForward.close();
        }
    }

    /// The norms of a block, the second of which only some models have.
    public record Norms(Tensor before_D, Optional<Tensor> after_D) implements AutoCloseable {
        @Override
        public void close() {
            Scope.free(before_D);
            after_D.ifPresent(Scope::free);
        }
    }

    /// Those of its attention.
    ///
    /// @param headNorms_HE the weights of the queries' and the keys' norms, head by head
    public record OfAttention(
            Norms norms,
            Matrix qkv_OD,
            Optional<Tensor> bias_O,
            Optional<Tensor> headNorms_HE,
            Matrix out_DO)
            implements AutoCloseable {
        @Override
        public void close() {
            norms.close();
            qkv_OD.close();
            bias_O.ifPresent(Scope::free);
            headNorms_HE.ifPresent(Scope::free);
            out_DO.close();
        }
    }

    /// Those of its feed-forward block.
    ///
    /// @param router_ED what tells experts apart, empty where there is one block for all; in the
    ///   dtype of products, with rows of zeros after its own
    /// @param mlps one, or one for each expert
    public record OfFeedForward(Norms norms, Optional<Matrix> router_ED, List<OfMlp> mlps)
            implements AutoCloseable {
        public OfFeedForward {
            mlps = List.copyOf(mlps);
        }

        @Override
        public void close() {
            norms.close();
            router_ED.ifPresent(Matrix::close);
            mlps.forEach(OfMlp::close);
        }
    }

    /// The matrices of a gated block.
    public record OfMlp(Matrix gateUp_MD, Matrix down_DM) implements AutoCloseable {
        @Override
        public void close() {
            gateUp_MD.close();
            down_DM.close();
        }
    }

    @Override
    public void close() {
        layers.forEach(OfLayer::close);
        Scope.free(new LinkedHashSet<>(List.of(embedding_VD, norm_D, unembedding_VD)));
    }
}
