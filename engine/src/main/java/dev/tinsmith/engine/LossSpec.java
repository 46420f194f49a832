package dev.tinsmith.engine;

import dev.tinsmith.engine.graph.LossGraph;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// A loss by name, and the settings the client gave it.
///
/// @param graph what it computes, if it is the client's own
public record LossSpec(String name, SortedMap<String, Double> config, Optional<LossGraph> graph) {
    /// What every loss of a client's own is called.
    public static final String CUSTOM = "custom";

    public LossSpec {
        config = Collections.unmodifiableSortedMap(new TreeMap<>(config));
    }

    /// A loss of the protocol's.
    public LossSpec(String name, SortedMap<String, Double> config) {
        this(name, config, Optional.empty());
    }

    /// A loss of a client's own.
    public static LossSpec custom(LossGraph graph) {
        return new LossSpec(CUSTOM, new TreeMap<>(), Optional.of(graph));
    }

    /// The loss `name` with nothing but its defaults.
    public static LossSpec named(String name) {
        return new LossSpec(name, new TreeMap<>(Map.of()));
    }
}
