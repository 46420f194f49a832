package dev.tinsmith.engine.loss;

import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.Floats;
import dev.tinsmith.engine.LossSpec;

/// Group sequence policy optimization: one ratio for the whole sequence, clipped token by token.
///
///     s    = exp(mean of (lp − q) over the tokens of the mask)      held constant
///     r    = s·exp(lp − lp held constant)                           so r is s, with a slope
///     loss = −Σ min(r·A, clip(r)·A)
///
/// The client names no thresholds of its own for this loss, so they are those of `ppo`.
record Gspo(Settings.ClipRange range) implements LossFunction {
    static final String MASK = "sequence_ratio_mask";

    static final Inputs INPUTS =
            new Inputs(Inputs.sorted(Inputs.LOGPROBS, Inputs.ADVANTAGES, MASK), Inputs.sorted());

    static Gspo from(LossSpec spec) {
        return new Gspo(
                Settings.of(spec, Settings.ClipRange.LOW, Settings.ClipRange.HIGH)
                        .clipRange(0.8, 1.2));
    }

    @Override
    public void check(Batch.Datum datum) {
        Floats mask = Terms.input(datum, MASK);
        boolean any = false;
        for (int t = 0; t < mask.length(); t++) {
            if (mask.at(t) != 0 && mask.at(t) != 1) {
                throw new IllegalArgumentException(
                        "loss_fn_inputs['%s'] holds %s at %d; it must be 1 where a token counts for the ratio of its sequence, and 0 elsewhere"
                                .formatted(MASK, mask.at(t), t));
            }
            any |= mask.at(t) == 1;
        }
        if (!any) {
            throw new IllegalArgumentException(
                    "loss_fn_inputs['%s'] is 0 everywhere; at least one token must count for the ratio of its sequence"
                            .formatted(MASK));
        }
    }

    @Override
    public Evaluation evaluate(Batch.Datum datum, Floats logprobs) {
        double ratio = ratio(datum, logprobs);
        return Terms.of(datum, logprobs)
                .sum((_, _, advantage) -> range.pessimistic(ratio, advantage));
    }

    private static double ratio(Batch.Datum datum, Floats logprobs) {
        Floats mask = Terms.input(datum, MASK);
        Floats sampled = Terms.input(datum, Inputs.LOGPROBS);
        double apart = 0;
        int counted = 0;
        for (int t = 0; t < mask.length(); t++) {
            if (mask.at(t) != 0) {
                apart += (double) logprobs.at(t) - sampled.at(t);
                counted++;
            }
        }
        return Math.exp(apart / counted);
    }
}
