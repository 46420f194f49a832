package dev.tinsmith.engine.graph;

/// An operation that a graph may ask for.
public record Operator(Signature signature, Body body) {

    /// What it does.
    public interface Body {
        /// Does it.
        ///
        /// @throws IllegalArgumentException if the arguments are of no use, in words that follow
        ///   the name of the operation
        Value apply(Call call);
    }
}
