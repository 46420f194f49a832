package dev.tinsmith.torch.nn;

import dev.tinsmith.torch.attention.Mixer;
import dev.tinsmith.torch.attention.SequenceMixer;
import dev.tinsmith.torch.lora.Blend;
import dev.tinsmith.torch.lora.Training;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/// What a layer computes from the normalised residual stream: attention, or a feed-forward block.
interface Block {
    /// What it makes of each row.
    ///
    /// @param x_TD outlives what is computed
    Computed forward(Tensor x_TD, Mixer mixer, Blend blend);

    /// What came out, and the way back.
    interface Computed {
        Tensor y_TD();

        /// What the way back needs beside what went in.
        List<Tensor> kept();

        /// The gradient by what went in; that by the factors is added to that of the training.
        Tensor backward(Tensor dy_TD, SequenceMixer mixer, Training training);
    }
}
