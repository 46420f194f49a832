package dev.tinsmith.engine.loss;

import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.Floats;
import dev.tinsmith.engine.LossSpec;

/// The policy gradient, corrected for the policy that sampled.
///
///     loss = −Σ r·A
record ImportanceSampling() implements LossFunction {

    static ImportanceSampling from(LossSpec spec) {
        Settings.of(spec);
        return new ImportanceSampling();
    }

    @Override
    public Evaluation evaluate(Batch.Datum datum, Floats logprobs) {
        return Terms.of(datum, logprobs)
                .sum((lp, q, advantage) -> {
                    double gain = Math.exp(lp - q) * advantage;
                    return new Terms.Term(-gain, -gain);
                });
    }
}
