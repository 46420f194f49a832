package dev.tinsmith.engine.graph;

import dev.tinsmith.engine.tensor.Kind;
import dev.tinsmith.engine.tensor.Shape;
import dev.tinsmith.engine.tensor.Tensor;
import java.util.List;
import java.util.SortedMap;

/// What a node of a graph makes, and what its arguments are.
public sealed interface Value {

    /// A tensor, or a number of Python's, which is a tensor without dimensions.
    ///
    /// @param isNumber whether Python would say that it is a number
    record Numbers(Tensor tensor, boolean isNumber) implements Value {}

    /// A list or a tuple.
    ///
    /// @param names of the items, as in what `max` returns; empty if they have none
    record Items(boolean tuple, List<Value> items, List<String> names) implements Value {
        public Items {
            items = List.copyOf(items);
            names = List.copyOf(names);
        }

        /// A tuple whose items have no names.
        public static Items tuple(List<Value> items) {
            return new Items(true, items, List.of());
        }
    }

    /// A dictionary.
    record Entries(SortedMap<String, Value> entries) implements Value {}

    /// Python's None.
    record None() implements Value {}

    /// A text.
    record Text(String value) implements Value {}

    /// Python's `start:stop:step`.
    record Slice(Value start, Value stop, Value step) implements Value {}

    /// Python's `...`.
    record Ellipsis() implements Value {}

    /// A kind of number.
    record OfKind(Kind kind) implements Value {}

    /// A constant that says how things lie in memory, and changes nothing here.
    record Place(String name) implements Value {}

    static Value of(Tensor tensor) {
        return new Numbers(tensor, false);
    }

    /// Integers that Python knows, such as the lengths of a shape.
    static Value ofShape(Tensor any, Shape shape) {
        return Items.tuple(shape.lengths().stream().map(length -> whole(any, length)).toList());
    }

    /// An integer that Python knows.
    static Value whole(Tensor any, int value) {
        return new Numbers(any.tape().number(Kind.WHOLE, value), true);
    }

    /// In the words of a message.
    default String describe() {
        return switch (this) {
            case Numbers(Tensor tensor, boolean isNumber) ->
                    isNumber
                            ? "the number " + tensor.only()
                            : "a tensor of the shape " + tensor.shape();
            case Items items ->
                    (items.tuple() ? "a tuple of " : "a list of ") + items.items().size();
            case Entries _ -> "a dictionary";
            case None _ -> "None";
            case Text(String text) -> "'%s'".formatted(text);
            case Slice _ -> "a slice";
            case Ellipsis _ -> "...";
            case OfKind _ -> "a dtype";
            case Place(String name) -> name;
        };
    }
}
