package dev.tinsmith.torch.sample;

import dev.tinsmith.torch.nn.Unembedding;
import dev.tinsmith.torch.ops.Dtype;
import dev.tinsmith.torch.ops.Ops;
import dev.tinsmith.torch.ops.Scope;
import org.bytedeco.pytorch.Tensor;

/// One position of a text: a row of scores. V the vocabulary.
record Position(Unembedding.Scores scores, int row) {

    /// Whether a temperature is so low that only the likeliest token is left: at 0, and where the
    /// division by it would leave the range of F32.
    static boolean isGreedy(double temperature) {
        return temperature < Float.MIN_NORMAL;
    }

    /// Its scores, up to a constant.
    float[] logits() {
        return Ops.toFloats(logits_V());
    }

    /// How likely each token is at this temperature, up to a factor; the likeliest has 1.
    float[] weights(double temperature) {
        try (Scope _ = Scope.open()) {
            Tensor weights_V = Ops.to(logits_V(), Dtype.F32).clone();
            Ops.sub(weights_V, Ops.maxLast(weights_V));
            Ops.div(weights_V, temperature);
            weights_V.exp_();
            return Ops.toFloats(weights_V);
        }
    }

    /// The model's own log-probabilities of these tokens.
    float[] logprobs(int... ids) {
        try (Scope _ = Scope.open()) {
            long[] index = new long[ids.length];
            for (int i = 0; i < ids.length; i++) {
                index[i] = ids[i];
            }
            return Ops.toFloats(scores.logprobs(row, Ops.indices(index)));
        }
    }

    private Tensor logits_V() {
        return scores.logits_RV().select(0, row);
    }
}
