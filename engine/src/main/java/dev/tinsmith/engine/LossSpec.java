package dev.tinsmith.engine;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// A loss by name, and the settings the client gave it.
public record LossSpec(String name, SortedMap<String, Double> config) {
    public LossSpec {
        config = Collections.unmodifiableSortedMap(new TreeMap<>(config));
    }

    /// The loss `name` with nothing but its defaults.
    public static LossSpec named(String name) {
        return new LossSpec(name, new TreeMap<>(Map.of()));
    }
}
