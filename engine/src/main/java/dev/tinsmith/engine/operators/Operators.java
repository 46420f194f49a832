package dev.tinsmith.engine.operators;

import dev.tinsmith.engine.graph.Repertoire;

/// Every family of operations. To add an operation: write it where its like are. To add a family:
/// write its file, then its line here.
public final class Operators {
    /// Everything that a loss may ask for.
    public static final Repertoire ALL = all();

    private Operators() {}

    private static Repertoire all() {
        Repertoire all = new Repertoire(Attributes::known);
        Elementwise.into(all);
        Activations.into(all);
        Arithmetic.into(all);
        Comparisons.into(all);
        Reductions.into(all);
        Orderings.into(all);
        Arrangements.into(all);
        Indexing.into(all);
        Creations.into(all);
        Divergences.into(all);
        return all;
    }
}
