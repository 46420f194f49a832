package dev.tinsmith.torch.nn;

import dev.tinsmith.torch.attention.Mixed;
import dev.tinsmith.torch.attention.Mixer;
import dev.tinsmith.torch.attention.SequenceMixer;
import dev.tinsmith.torch.lora.Blend;
import dev.tinsmith.torch.lora.Training;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/// The attention of one layer.
///
/// T rows, D the width of the residual stream, O that of queries, keys and values together, or of
/// all heads.
record Attention(int layer, Projection qkv, Optional<HeadNorms> norms, Projection out)
        implements Block {
    @Override
    public Computed forward(Tensor x_TD, Mixer mixer, Blend blend) {
        Projection.Projected qkv_TO = qkv.forward(x_TD, blend);
        Optional<HeadNorms.Normed> normed = norms.map(each -> each.forward(qkv_TO.y_TO()));
        Mixed mixed = mixer.mix(layer, qkv_TO.y_TO());
        return new Attended(
                this, x_TD, qkv_TO.low_TR(), normed, mixed, out.forward(mixed.y_TO(), blend));
    }

    /// What came of it.
    private record Attended(
            Attention block,
            Tensor x_TD,
            Optional<Tensor> low_TR,
            Optional<HeadNorms.Normed> normed,
            Mixed mixed,
            Projection.Projected out)
            implements Computed {
        @Override
        public Tensor y_TD() {
            return out.y_TO();
        }

        @Override
        public List<Tensor> kept() {
            List<Tensor> kept = new ArrayList<>(mixed.kept());
            kept.add(mixed.y_TO());
            low_TR.ifPresent(kept::add);
            normed.ifPresent(each -> kept.addAll(each.kept()));
            out.low_TR().ifPresent(kept::add);
            return kept;
        }

        @Override
        public Tensor backward(Tensor dy_TD, SequenceMixer mixer, Training training) {
            Tensor dmixed_TO = block.out.backward(dy_TD, mixed.y_TO(), out.low_TR(), training);
            Tensor dqkv_TO = mixer.backward(block.layer, dmixed_TO, mixed);
            normed.ifPresent(each -> block.norms.orElseThrow().backward(dqkv_TO, each));
            return block.qkv.backward(dqkv_TO, x_TD, low_TR, training);
        }
    }
}
