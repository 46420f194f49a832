package dev.tinsmith.engine.loss;

import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.Floats;
import dev.tinsmith.engine.LossSpec;

/// Direct reward optimization: the log-probability times the advantage, and a quadratic price for
/// leaving the policy that sampled.
///
///     loss = −Σ (lp·A − ½·β·(lp − q)²)
///
/// The client has no default for β, so ours is the one value that its documentation shows.
record Dro(double beta) implements LossFunction {
    static final String BETA = "beta";

    Dro {
        if (beta < 0) {
            throw new IllegalArgumentException(
                    "loss_fn_config['beta'] is %s; it must be at least 0".formatted(beta));
        }
    }

    static Dro from(LossSpec spec) {
        return new Dro(Settings.of(spec, BETA).real(BETA, 0.05));
    }

    @Override
    public Evaluation evaluate(Batch.Datum datum, Floats logprobs) {
        return Terms.of(datum, logprobs)
                .sum((lp, q, advantage) -> {
                    double apart = lp - q;
                    return new Terms.Term(
                            0.5 * beta * apart * apart - lp * advantage, beta * apart - advantage);
                });
    }
}
