package dev.tinsmith.engine.loss;

import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.Floats;
import dev.tinsmith.engine.LossSpec;
import java.util.Optional;

/// Cross-entropy against given targets.
///
///     loss = −Σ w·lp
///
/// The weights may be any finite numbers, of either sign; without them each is 1. With K targets per
/// position each has its own weight.
record CrossEntropy() implements LossFunction {
    static final Inputs INPUTS = new Inputs(Inputs.sorted(), Inputs.sorted(Inputs.WEIGHTS));

    static CrossEntropy from(LossSpec spec) {
        Settings.of(spec);
        return new CrossEntropy();
    }

    @Override
    public Evaluation evaluate(Batch.Datum datum, Floats logprobs) {
        Optional<Floats> weights = datum.input(Inputs.WEIGHTS);
        double loss = 0;
        float[] gradient = new float[logprobs.length()];
        for (int i = 0; i < gradient.length; i++) {
            float weight = weights.isPresent() ? weights.get().at(i) : 1;
            loss -= (double) weight * logprobs.at(i);
            gradient[i] = -weight;
        }
        return new Evaluation(loss, Floats.of(gradient));
    }
}
