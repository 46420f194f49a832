package dev.tinsmith.models.gguf;

import dev.tinsmith.engine.format.FormatException;
import dev.tinsmith.models.gguf.GgufValue.Flag;
import dev.tinsmith.models.gguf.GgufValue.Real;
import dev.tinsmith.models.gguf.GgufValue.Row;
import dev.tinsmith.models.gguf.GgufValue.Text;
import dev.tinsmith.models.gguf.GgufValue.Whole;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

/// What a file says about its model, asked by key. A key that is missing, or of another kind than
/// asked for, is refused by name.
record GgufMetadata(String file, Map<String, GgufValue> values) {
    GgufMetadata {
        values = Map.copyOf(values);
    }

    boolean has(String key) {
        return values.containsKey(key);
    }

    int integer(String key) {
        return whole(key, value(key));
    }

    int integer(String key, int otherwise) {
        return has(key) ? integer(key) : otherwise;
    }

    OptionalInt optionalInteger(String key) {
        return has(key) ? OptionalInt.of(integer(key)) : OptionalInt.empty();
    }

    double real(String key) {
        return real(key, value(key));
    }

    double real(String key, double otherwise) {
        return has(key) ? real(key) : otherwise;
    }

    boolean flag(String key, boolean otherwise) {
        if (!has(key)) {
            return otherwise;
        }
        if (value(key) instanceof Flag(boolean value)) {
            return value;
        }
        throw wrong(key, "true or false");
    }

    String text(String key) {
        return text(key, value(key));
    }

    String text(String key, String otherwise) {
        return has(key) ? text(key) : otherwise;
    }

    Optional<String> optionalText(String key) {
        return has(key) ? Optional.of(text(key)) : Optional.empty();
    }

    List<String> texts(String key) {
        return row(key, value -> text(key, value));
    }

    List<Integer> integers(String key) {
        return row(key, value -> whole(key, value));
    }

    List<Double> reals(String key) {
        return row(key, value -> real(key, value));
    }

    private <T> List<T> row(String key, Function<GgufValue, T> each) {
        if (value(key) instanceof Row(List<GgufValue> elements)) {
            return elements.stream().map(each).toList();
        }
        throw wrong(key, "an array");
    }

    private GgufValue value(String key) {
        return Optional.ofNullable(values.get(key))
                .orElseThrow(() ->
                        new FormatException(
                                "%s does not say %s; convert the model to GGUF again"
                                        .formatted(file, key)));
    }

    /// An array whose elements are all the same is that element: some files repeat it per layer.
    private int whole(String key, GgufValue value) {
        return switch (value) {
            case Whole(long number) when number == (int) number -> (int) number;
            case Row(List<GgufValue> same)
                    when !same.isEmpty() && same.stream().distinct().count() == 1 ->
                    whole(key, same.getFirst());
            case Whole _, Real _, Flag _, Text _, Row _ ->
                    throw wrong(key, "one whole number below 2^31");
        };
    }

    private double real(String key, GgufValue value) {
        return switch (value) {
            case Real(double number) when Double.isFinite(number) -> number;
            case Whole(long number) -> number;
            case Real _, Flag _, Text _, Row _ -> throw wrong(key, "a finite number");
        };
    }

    private String text(String key, GgufValue value) {
        if (value instanceof Text(String text)) {
            return text;
        }
        throw wrong(key, "text");
    }

    private FormatException wrong(String key, String wanted) {
        return new FormatException(
                "%s says something for %s that is not %s; convert the model to GGUF again"
                        .formatted(file, key, wanted));
    }
}
