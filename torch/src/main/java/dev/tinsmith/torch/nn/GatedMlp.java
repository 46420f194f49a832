package dev.tinsmith.torch.nn;

import dev.tinsmith.torch.attention.Mixer;
import dev.tinsmith.torch.attention.SequenceMixer;
import dev.tinsmith.torch.lora.Blend;
import dev.tinsmith.torch.lora.Training;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/// A gated feed-forward block: `down(gate(x)·up(x))`, the gate bent.
///
/// T rows, D the width of the residual stream, M that inside the block.
record GatedMlp(Projection gateUp, Gate gate, Projection down) implements Block {
    @Override
    public Computed forward(Tensor x_TD, Mixer mixer, Blend blend) {
        Projection.Projected gateUp_TO = gateUp.forward(x_TD, blend);
        Gate.Gated gated = gate.forward(gateUp_TO.y_TO());
        return new Fed(this, x_TD, gateUp_TO, gated, down.forward(gated.y_TM(), blend));
    }

    /// What came of it.
    private record Fed(
            GatedMlp block,
            Tensor x_TD,
            Projection.Projected gateUp,
            Gate.Gated gated,
            Projection.Projected down)
            implements Computed {
        @Override
        public Tensor y_TD() {
            return down.y_TO();
        }

        @Override
        public List<Tensor> kept() {
            List<Tensor> kept = new ArrayList<>(gated.kept());
            kept.add(gateUp.y_TO());
            gateUp.low_TR().ifPresent(kept::add);
            down.low_TR().ifPresent(kept::add);
            return kept;
        }

        @Override
        public Tensor backward(Tensor dy_TD, SequenceMixer mixer, Training training) {
            Tensor dgated_TM = block.down.backward(dy_TD, gated.y_TM(), down.low_TR(), training);
            Tensor dgateUp_TO = block.gate.backward(dgated_TM, gateUp.y_TO(), gated);
            return block.gateUp.backward(dgateUp_TO, x_TD, gateUp.low_TR(), training);
        }
    }
}
