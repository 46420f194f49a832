package dev.tinsmith.engine.loss;

import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.Floats;
import dev.tinsmith.engine.LossSpec;

/// Clipped importance weights that scale the log-probability and carry no gradient of their own.
///
///     loss = −Σ clip(r)·lp·A        with clip(r) held constant
record Cispo(Settings.ClipRange range) implements LossFunction {

    static Cispo from(LossSpec spec) {
        return new Cispo(
                Settings.of(spec, Settings.ClipRange.LOW, Settings.ClipRange.HIGH)
                        .clipRange(0.0, 4.0));
    }

    @Override
    public Evaluation evaluate(Batch.Datum datum, Floats logprobs) {
        return Terms.of(datum, logprobs)
                .sum((lp, q, advantage) -> {
                    double weight = range.clip(Math.exp(lp - q)) * advantage;
                    return new Terms.Term(-weight * lp, -weight);
                });
    }
}
