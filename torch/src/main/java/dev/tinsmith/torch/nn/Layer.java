package dev.tinsmith.torch.nn;

import dev.tinsmith.torch.attention.Mixed;
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

/// One layer of a decoder: attention, then a gated feed-forward block, each added to the residual
/// stream, which stays in F32.
///
/// T rows, D the width of the residual stream, M that inside the feed-forward block, O whatever a
/// projection puts out.
final class Layer {
    private final int index;
    private final RmsNorm beforeAttention;
    private final Projection qkv;
    private final Projection out;
    private final RmsNorm beforeMlp;
    private final Projection gateUp;
    private final Projection down;

    Layer(
            int index,
            RmsNorm beforeAttention,
            Projection qkv,
            Projection out,
            RmsNorm beforeMlp,
            Projection gateUp,
            Projection down) {
        this.index = index;
        this.beforeAttention = beforeAttention;
        this.qkv = qkv;
        this.out = out;
        this.beforeMlp = beforeMlp;
        this.gateUp = gateUp;
        this.down = down;
    }

    /// Changes `h` in place.
    Kept forward(Tensor h_TD, Mixer mixer, Blend blend) {
        RmsNorm.Normed first = beforeAttention.forward(h_TD);
        Projection.Projected qkv_TO = qkv.forward(first.y_TD(), blend);
        Mixed mixed = mixer.mix(index, qkv_TO.y_TO());
        Projection.Projected attended = out.forward(mixed.y_TO(), blend);
        Ops.add(h_TD, attended.y_TO());

        RmsNorm.Normed second = beforeMlp.forward(h_TD);
        Projection.Projected gateUp_TO = gateUp.forward(second.y_TD(), blend);
        Tensor silu_TM = Ops.silu(gate(gateUp_TO.y_TO()));
        Tensor gated_TM = silu_TM.mul(up(gateUp_TO.y_TO()));
        Projection.Projected fed = down.forward(gated_TM, blend);
        Ops.add(h_TD, fed.y_TO());
        return new Kept(
                first,
                qkv_TO.low_TR(),
                mixed,
                attended.low_TR(),
                second,
                gateUp_TO,
                silu_TM,
                gated_TM,
                fed.low_TR());
    }

    /// Turns `dh`, the gradient by what the layer put out, into that by what came in.
    void backward(Tensor dh_TD, Kept kept, SequenceMixer mixer, Training training) {
        Dtype dtype = Ops.dtype(kept.mixed().y_TO());
        Tensor gateUp_TO = kept.gateUp().y_TO();
        Tensor dgated_TM =
                down.backward(Ops.to(dh_TD, dtype), kept.gated_TM(), kept.downLow_TR(), training);
        Tensor dsecond_TD =
                gateUp.backward(
                        gatedBackward(dgated_TM, gateUp_TO, kept.silu_TM()),
                        kept.second().y_TD(),
                        kept.gateUp().low_TR(),
                        training);
        beforeMlp.backward(dh_TD, dsecond_TD, kept.second());

        Tensor dmixed_TO =
                out.backward(Ops.to(dh_TD, dtype), kept.mixed().y_TO(), kept.outLow_TR(), training);
        Tensor dfirst_TD =
                qkv.backward(
                        mixer.backward(dmixed_TO, kept.mixed()),
                        kept.first().y_TD(),
                        kept.qkvLow_TR(),
                        training);
        beforeAttention.backward(dh_TD, dfirst_TD, kept.first());
    }

    /// The gradient by both factors of `silu(gate)·up`.
    private static Tensor gatedBackward(Tensor dy_TM, Tensor gateUp_TO, Tensor silu_TM) {
        Tensor d_TO = Ops.emptyLike(gateUp_TO);
        Ops.siluBackwardInto(gate(d_TO), dy_TM.mul(up(gateUp_TO)), gate(gateUp_TO));
        Ops.mulInto(up(d_TO), dy_TM, silu_TM);
        return d_TO;
    }

    private static Tensor gate(Tensor gateUp_TO) {
        return gateUp_TO.narrow(1, 0, gateUp_TO.size(1) / 2);
    }

    private static Tensor up(Tensor gateUp_TO) {
        return gateUp_TO.narrow(1, gateUp_TO.size(1) / 2, gateUp_TO.size(1) / 2);
    }

    /// What a backward pass needs of a forward pass.
    record Kept(
            RmsNorm.Normed first,
            Optional<Tensor> qkvLow_TR,
            Mixed mixed,
            Optional<Tensor> outLow_TR,
            RmsNorm.Normed second,
            Projection.Projected gateUp,
            Tensor silu_TM,
            Tensor gated_TM,
            Optional<Tensor> downLow_TR) {

        List<Tensor> tensors() {
            List<Tensor> tensors = new ArrayList<>(first.kept());
            qkvLow_TR.ifPresent(tensors::add);
            tensors.add(mixed.y_TO());
            tensors.addAll(mixed.kept());
            outLow_TR.ifPresent(tensors::add);
            tensors.addAll(second.kept());
            tensors.add(gateUp.y_TO());
            gateUp.low_TR().ifPresent(tensors::add);
            tensors.addAll(List.of(silu_TM, gated_TM));
            downLow_TR.ifPresent(tensors::add);
            return tensors;
        }
    }
}
