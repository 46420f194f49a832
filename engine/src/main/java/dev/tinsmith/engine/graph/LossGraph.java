package dev.tinsmith.engine.graph;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// A loss that a client wrote itself, traced by its torch.fx: operations in the order in which they
/// are done. It is data, and may name operations that nobody knows.
///
/// @param name what the client calls it
/// @param inputs what it reads, in the order in which it takes them; log-probabilities first
public record LossGraph(String name, List<Input> inputs, List<Node> nodes) {
    public LossGraph {
        inputs = List.copyOf(inputs);
        nodes = List.copyOf(nodes);
    }

    /// One thing it reads.
    ///
    /// @param rank how many dimensions the client says it has
    public record Input(String name, int rank) {}

    /// One operation.
    ///
    /// @param name unique; later nodes refer to it
    /// @param target of a placeholder its input, of a call what is called
    public record Node(
            Op op, String name, String target, List<Arg> args, SortedMap<String, Arg> kwargs) {
        public Node {
            args = List.copyOf(args);
            kwargs = Collections.unmodifiableSortedMap(new TreeMap<>(kwargs));
        }
    }

    /// What a node does.
    public enum Op {
        /// Takes an input.
        PLACEHOLDER,
        /// Calls a function, by its qualified name.
        FUNCTION,
        /// Calls a method of its first argument.
        METHOD,
        /// Ends the loss.
        OUTPUT
    }

    /// An argument of a node.
    public sealed interface Arg {

        /// What an earlier node made.
        record Ref(String node) implements Arg {}

        /// Python's None.
        record None() implements Arg {}

        /// True or false.
        record Flag(boolean value) implements Arg {}

        /// An integer.
        record Whole(long value) implements Arg {}

        /// A float, which need not be finite.
        record Real(double value) implements Arg {}

        /// A text.
        record Text(String value) implements Arg {}

        /// A list or a tuple, which index differently.
        record Items(boolean tuple, List<Arg> items) implements Arg {
            public Items {
                items = List.copyOf(items);
            }
        }

        /// A dictionary.
        record Entries(SortedMap<String, Arg> entries) implements Arg {
            public Entries {
                entries = Collections.unmodifiableSortedMap(new TreeMap<>(entries));
            }
        }

        /// Python's `start:stop:step`.
        record Slice(Arg start, Arg stop, Arg step) implements Arg {}

        /// Python's `...`.
        record Ellipsis() implements Arg {}

        /// A constant of PyTorch's.
        ///
        /// @param kind `dtype`, `device`, `layout` or `memory_format`
        record Constant(String kind, String name) implements Arg {}
    }
}
