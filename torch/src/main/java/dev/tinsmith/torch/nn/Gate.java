package dev.tinsmith.torch.nn;

import dev.tinsmith.torch.model.FeedForwardSpec.Activation;
import dev.tinsmith.torch.ops.Gelu;
import dev.tinsmith.torch.ops.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/// `bent(gate)·up`, of a gate and a factor that lie side by side.
///
/// T rows, M the width of one of them.
record Gate(Activation activation) {
    Gated forward(Tensor gateUp_TO) {
        Tensor bent_TM =
                switch (activation) {
                    case SILU -> Ops.silu(gate(gateUp_TO));
                    case GELU_TANH -> Gelu.of(gate(gateUp_TO));
                };
        return new Gated(bent_TM, bent_TM.mul(up(gateUp_TO)));
    }

    /// The gradient by both.
    Tensor backward(Tensor dy_TM, Tensor gateUp_TO, Gated gated) {
        Tensor d_TO = Ops.emptyLike(gateUp_TO);
        Tensor dbent_TM = dy_TM.mul(up(gateUp_TO));
        switch (activation) {
            case SILU -> Ops.siluBackwardInto(gate(d_TO), dbent_TM, gate(gateUp_TO));
            case GELU_TANH -> Gelu.backwardInto(gate(d_TO), dbent_TM, gate(gateUp_TO));
        }
        Ops.mulInto(up(d_TO), dy_TM, gated.bent_TM());
        return d_TO;
    }

    private static Tensor gate(Tensor gateUp_TO) {
        return gateUp_TO.narrow(1, 0, gateUp_TO.size(1) / 2);
    }

    private static Tensor up(Tensor gateUp_TO) {
        return gateUp_TO.narrow(1, gateUp_TO.size(1) / 2, gateUp_TO.size(1) / 2);
    }

    /// What came out, and the bent gate, which a backward pass needs.
    record Gated(Tensor bent_TM, Tensor y_TM) {
        List<Tensor> kept() {
            return List.of(bent_TM, y_TM);
        }
    }
}
