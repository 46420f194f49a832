package dev.tinsmith.engine.loss;

import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.LossSpec;
import dev.tinsmith.engine.graph.LossGraph;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/// Every loss there is. To add one: write its file, then its line here.
public final class Losses {
    private static final SortedMap<String, Kind> ALL =
            new TreeMap<>(
                    Map.of(
                            "cross_entropy", new Kind(CrossEntropy.INPUTS, CrossEntropy::from),
                            "importance_sampling",
                                    new Kind(Inputs.POLICY, ImportanceSampling::from),
                            "ppo", new Kind(Inputs.POLICY, Ppo::from),
                            "cispo", new Kind(Inputs.POLICY, Cispo::from),
                            "dro", new Kind(Inputs.POLICY, Dro::from),
                            "gspo", new Kind(Gspo.INPUTS, Gspo::from)));

    /// What the protocol names but does not say how to compute.
    private static final SortedMap<String, String> UNKNOWN_FORMULA =
            new TreeMap<>(
                    Map.of(
                            "stable_reinforce",
                            "the loss 'stable_reinforce' is unsupported here, since its formula is not public; use importance_sampling, ppo or gspo"));

    private Losses() {}

    /// The names a client may use.
    public static SortedSet<String> names() {
        return Collections.unmodifiableSortedSet(new TreeSet<>(ALL.keySet()));
    }

    /// Why the loss `name`, which the protocol knows, is not among [#names].
    public static Optional<String> unsupported(String name) {
        return Optional.ofNullable(UNKNOWN_FORMULA.get(name));
    }

    /// Whether a loss of a client's own can be computed here.
    ///
    /// @throws IllegalArgumentException naming the node, what it calls, and the rule
    public static void check(LossGraph graph) {
        Custom _ = Custom.of(graph);
    }

    /// The loss that `spec` asks for.
    ///
    /// @throws IllegalArgumentException if no loss has this name, or it has no such setting, or the
    ///   setting has a value it cannot have
    public static LossFunction of(LossSpec spec) {
        return spec.graph().isPresent()
                ? Custom.of(spec.graph().get())
                : kind(spec).make().apply(spec);
    }

    /// Whether every datum of `batch` has what the loss needs, and nothing it does not know.
    ///
    /// @throws IllegalArgumentException naming the datum, the input, the rule and the fix; also as
    ///   [#of] does
    public static void check(LossSpec spec, Batch batch) {
        LossFunction loss = of(spec);
        List<Batch.Datum> data = batch.data();
        for (int i = 0; i < data.size(); i++) {
            if (spec.graph().isEmpty()) {
                kind(spec).inputs().check(spec.name(), i, data.get(i));
            }
            check(loss, i, data.get(i));
        }
    }

    private static void check(LossFunction loss, int index, Batch.Datum datum) {
        try {
            loss.check(datum);
        } catch (IllegalArgumentException rule) {
            throw new IllegalArgumentException(
                    "data[%d].%s".formatted(index, rule.getMessage()), rule);
        }
    }

    private static Kind kind(LossSpec spec) {
        return Optional.ofNullable(ALL.get(spec.name()))
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "no loss is called '%s'; there are %s"
                                        .formatted(spec.name(), names())));
    }

    private record Kind(Inputs inputs, Function<LossSpec, LossFunction> make) {}
}
