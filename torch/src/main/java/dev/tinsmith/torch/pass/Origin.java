package dev.tinsmith.torch.pass;

import dev.tinsmith.engine.Tokens;
import dev.tinsmith.torch.attention.SequenceMixer.Keep;
import dev.tinsmith.torch.attention.Sequences;
import dev.tinsmith.torch.lora.Adaptation;
import dev.tinsmith.torch.lora.Blend;
import dev.tinsmith.torch.nn.Decoder;
import dev.tinsmith.torch.ops.Magnitude;
import dev.tinsmith.torch.ops.Ops;
import dev.tinsmith.torch.ops.Scope;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.bytedeco.pytorch.Tensor;

/// Finds out where in a model numbers stop being numbers, once they have: forwards once more, layer
/// by layer, with a look at each.
final class Origin {
    private Origin() {}

    /// The first part of the model that puts out a number that is none for these tokens, as
    /// checkpoints name it; empty if all its hidden states and scores are finite.
    static Optional<String> of(Decoder decoder, Adaptation adaptation, Tokens tokens) {
        try (Scope _ = Scope.open()) {
            Blend blend = Blend.all(adaptation);
            Sequences sequence = new Sequences(List.of(tokens.length()));
            Tensor h_TD =
                    decoder.embed(
                            Ops.indices(Arrays.stream(tokens.toArray()).asLongStream().toArray()));
            if (!Magnitude.isFinite(h_TD)) {
                return Optional.of("model.embed_tokens");
            }
            OptionalInt layer =
                    decoder.firstNotFinite(h_TD, decoder.sequences(sequence, Keep.NOTHING), blend);
            if (layer.isPresent()) {
                return Optional.of("model.layers." + layer.getAsInt());
            }
            return scores(decoder, decoder.normalize(h_TD).y_TD(), blend);
        }
    }

    private static Optional<String> scores(Decoder decoder, Tensor x_TD, Blend blend) {
        int most = decoder.unembedding().maxRows();
        for (long row = 0; row < x_TD.size(0); row += most) {
            try (Scope _ = Scope.open()) {
                Tensor x_RD = x_TD.narrow(0, row, Math.min(most, x_TD.size(0) - row));
                if (!decoder.unembedding().score(x_RD, blend).isFinite()) {
                    return Optional.of("lm_head");
                }
            }
        }
        return Optional.empty();
    }
}
