package dev.tinsmith.engine.graph;

import dev.tinsmith.engine.tensor.Kind;
import dev.tinsmith.engine.tensor.Shape;
import dev.tinsmith.engine.tensor.Tape;
import dev.tinsmith.engine.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/// The arguments of one operation, by name, read as what the operation needs them to be.
public record Call(Tape tape, SortedMap<String, Value> given) {

    /// The argument, unless it is left out or None.
    public Optional<Value> maybe(String name) {
        return Optional.ofNullable(given.get(name)).filter(value -> !(value instanceof Value.None));
    }

    /// The argument, for which None is as good as any.
    public Value orNone(String name) {
        return maybe(name).orElseGet(Value.None::new);
    }

    /// Whether it is given, and not None.
    public boolean has(String name) {
        return maybe(name).isPresent();
    }

    /// The argument, whatever it is.
    public Value value(String name) {
        return maybe(name).orElseThrow(() -> wrong(name, new Value.None(), "be given"));
    }

    /// The argument as a tensor; a number is one without dimensions.
    public Tensor tensor(String name) {
        return tensor(name, value(name));
    }

    private Tensor tensor(String name, Value value) {
        return switch (value) {
            case Value.Numbers numbers -> numbers.tensor();
            case Value.Items _,
                    Value.Entries _,
                    Value.None _,
                    Value.Text _,
                    Value.Slice _,
                    Value.Ellipsis _,
                    Value.OfKind _,
                    Value.Place _ ->
                    throw wrong(name, value, "be a tensor or a number");
        };
    }

    /// The tensors of a list.
    public List<Tensor> tensors(String name) {
        return items(name).stream().map(item -> tensor(name, item)).toList();
    }

    private List<Value> items(String name) {
        return value(name) instanceof Value.Items items ? items.items() : List.of(value(name));
    }

    /// Whether it is a number of Python's.
    public boolean isNumber(String name) {
        return maybe(name).filter(Call::isNumber).isPresent();
    }

    private static boolean isNumber(Value value) {
        return value instanceof Value.Numbers numbers && numbers.isNumber();
    }

    /// Whether Python alone would compute this.
    public boolean isOfNumbers() {
        return given.values().stream().allMatch(Call::isNumber);
    }

    /// The argument as a number.
    public double real(String name) {
        Tensor tensor = tensor(name);
        if (tensor.size() != 1) {
            throw wrong(name, value(name), "be a number");
        }
        return tensor.only();
    }

    /// The argument as a number, or what stands for it.
    public double real(String name, double otherwise) {
        return has(name) ? real(name) : otherwise;
    }

    /// The argument as an integer.
    public int whole(String name) {
        return whole(name, value(name));
    }

    /// The argument as an integer, or what stands for it.
    public int whole(String name, int otherwise) {
        return has(name) ? whole(name) : otherwise;
    }

    private int whole(String name, Value value) {
        Tensor tensor = tensor(name, value);
        double number = tensor.size() == 1 ? tensor.only() : Double.NaN;
        if (number != (int) number) {
            throw wrong(name, value, "be an integer");
        }
        return (int) number;
    }

    /// One integer or several.
    public List<Integer> wholes(String name) {
        return items(name).stream().map(item -> whole(name, item)).toList();
    }

    /// The argument as a truth, or what stands for it.
    public boolean flag(String name, boolean otherwise) {
        return has(name) ? real(name) != 0 : otherwise;
    }

    /// The argument as a text, or what stands for it.
    public String text(String name, String otherwise) {
        if (!has(name)) {
            return otherwise;
        }
        if (value(name) instanceof Value.Text(String text)) {
            return text;
        }
        throw wrong(name, value(name), "be a text");
    }

    /// The dimensions that it names; all of them if it names none.
    public List<Integer> axes(String name, Shape shape) {
        if (!has(name) || wholes(name).isEmpty() || shape.rank() == 0) {
            return shape.axes();
        }
        List<Integer> axes = wholes(name).stream().map(shape::axis).toList();
        if (axes.stream().distinct().count() < axes.size()) {
            throw new IllegalArgumentException(
                    "'%s' names a dimension twice: %s".formatted(name, wholes(name)));
        }
        return axes;
    }

    /// The argument as a dtype, if it is given.
    public Optional<Kind> kind(String name) {
        return maybe(name)
                .map(value -> {
                    if (value instanceof Value.OfKind(Kind kind)) {
                        return kind;
                    }
                    throw wrong(name, value, "be a dtype");
                });
    }

    private static IllegalArgumentException wrong(String name, Value value, String rule) {
        return new IllegalArgumentException(
                "'%s' is %s; it must %s".formatted(name, value.describe(), rule));
    }
}
