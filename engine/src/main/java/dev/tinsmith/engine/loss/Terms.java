package dev.tinsmith.engine.loss;

import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.Floats;

/// The per-token numbers of a policy loss, and the loop over them that all such losses share.
///
/// For each token t with log-probability lp and, as the policy sampled it, q: the advantage A and
/// the ratio r = exp(lp − q).
record Terms(Floats logprobs, Floats sampled, Floats advantages) {

    static Terms of(Batch.Datum datum, Floats logprobs) {
        return new Terms(logprobs, input(datum, Inputs.LOGPROBS), input(datum, Inputs.ADVANTAGES));
    }

    /// An input that is there, since the datum was checked.
    static Floats input(Batch.Datum datum, String name) {
        return datum.input(name)
                .orElseThrow(() ->
                        new IllegalStateException(
                                name + " is missing from a datum that was checked"));
    }

    /// What one token adds to the loss, and the derivative of that by its log-probability.
    interface PerToken {
        Term at(double logprob, double sampled, double advantage);
    }

    /// @param slope the derivative of `loss` by the log-probability
    record Term(double loss, double slope) {}

    LossFunction.Evaluation sum(PerToken loss) {
        double total = 0;
        float[] gradient = new float[logprobs.length()];
        for (int t = 0; t < gradient.length; t++) {
            Term term = loss.at(logprobs.at(t), sampled.at(t), advantages.at(t));
            total += term.loss();
            gradient[t] = (float) term.slope();
        }
        return new LossFunction.Evaluation(total, Floats.of(gradient));
    }
}
