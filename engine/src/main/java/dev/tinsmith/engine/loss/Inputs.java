package dev.tinsmith.engine.loss;

import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.Floats;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/// Which inputs a loss reads besides `target_tokens`.
///
/// @param needed must be there, N values each
/// @param perTarget may be there, N × K values each
record Inputs(SortedSet<String> needed, SortedSet<String> perTarget) {
    static final String WEIGHTS = "weights";
    static final String LOGPROBS = "logprobs";
    static final String ADVANTAGES = "advantages";

    /// What the losses of policy gradients read.
    static final Inputs POLICY = new Inputs(sorted(LOGPROBS, ADVANTAGES), sorted());

    static SortedSet<String> sorted(String... names) {
        return new TreeSet<>(List.of(names));
    }

    /// @throws IllegalArgumentException naming the datum, the input, the rule and the fix
    void check(String loss, int index, Batch.Datum datum) {
        for (String name : needed) {
            if (!datum.inputs().containsKey(name)) {
                throw refusal(index, name, "is missing; the loss '%s' needs it".formatted(loss));
            }
        }
        if (datum.width() > 1 && perTarget.isEmpty()) {
            throw refusal(
                    index,
                    "target_tokens",
                    "has %d columns; the loss '%s' takes one target per position"
                            .formatted(datum.width(), loss));
        }
        for (Map.Entry<String, Floats> input : datum.inputs().entrySet()) {
            check(loss, index, datum, input.getKey(), input.getValue());
        }
    }

    private void check(String loss, int index, Batch.Datum datum, String name, Floats values) {
        boolean wide = perTarget.contains(name);
        if (!wide && !needed.contains(name)) {
            SortedSet<String> known = sorted("target_tokens");
            known.addAll(needed);
            known.addAll(perTarget);
            throw refusal(
                    index,
                    name,
                    "is not an input of the loss '%s'; it takes %s".formatted(loss, known));
        }
        int expected = wide ? datum.targets().length() : datum.tokens().length();
        if (values.length() != expected) {
            throw refusal(
                    index,
                    name,
                    "has %d values; it needs %d, as many as %s"
                            .formatted(
                                    values.length(),
                                    expected,
                                    wide ? "target_tokens" : "model_input has tokens"));
        }
        for (int i = 0; i < values.length(); i++) {
            if (!Float.isFinite(values.at(i))) {
                throw refusal(
                        index,
                        name,
                        "holds %s at %d; every value must be finite".formatted(values.at(i), i));
            }
        }
    }

    private static IllegalArgumentException refusal(int index, String name, String what) {
        return new IllegalArgumentException(
                "data[%d].loss_fn_inputs['%s'] %s".formatted(index, name, what));
    }
}
