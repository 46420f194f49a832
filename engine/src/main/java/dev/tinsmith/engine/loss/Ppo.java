package dev.tinsmith.engine.loss;

import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.Floats;
import dev.tinsmith.engine.LossSpec;

/// Proximal policy optimization, the clipped surrogate.
///
///     loss = −Σ min(r·A, clip(r)·A)
record Ppo(Settings.ClipRange range) implements LossFunction {

    static Ppo from(LossSpec spec) {
        return new Ppo(
                Settings.of(spec, Settings.ClipRange.LOW, Settings.ClipRange.HIGH)
                        .clipRange(0.8, 1.2));
    }

    @Override
    public Evaluation evaluate(Batch.Datum datum, Floats logprobs) {
        return Terms.of(datum, logprobs)
                .sum((lp, q, advantage) -> range.pessimistic(Math.exp(lp - q), advantage));
    }
}
