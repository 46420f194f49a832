package dev.tinsmith.protocol.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/// An argument of a traced operation. Scalars, texts and lists stand for themselves; everything
/// else is an object of one key that says what it is.
public sealed interface Argument {

    /// What an earlier node made.
    record Ref(String node) implements Argument {}

    /// Python's None.
    record None() implements Argument {}

    /// True or false.
    record Flag(boolean value) implements Argument {}

    /// An integer.
    record Whole(long value) implements Argument {}

    /// A float, which need not be finite.
    record Real(double value) implements Argument {}

    /// A text.
    record Text(String value) implements Argument {}

    /// A list or a tuple.
    record Items(boolean tuple, List<Argument> items) implements Argument {
        public Items {
            items = List.copyOf(items);
        }
    }

    /// A dictionary.
    record Entries(SortedMap<String, Argument> entries) implements Argument {
        public Entries {
            entries = Collections.unmodifiableSortedMap(new TreeMap<>(entries));
        }
    }

    /// Python's `start:stop:step`.
    record Slice(Argument start, Argument stop, Argument step) implements Argument {}

    /// Python's `...`.
    record Ellipsis() implements Argument {}

    /// A constant of PyTorch's.
    ///
    /// @param kind `dtype`, `device`, `layout` or `memory_format`
    record Constant(String kind, String name) implements Argument {}

    /// The argument that `node` writes.
    ///
    /// @throws IllegalArgumentException if it writes none
    static Argument of(JsonNode node) {
        return switch (node.getNodeType()) {
            case NULL -> new None();
            case BOOLEAN -> new Flag(node.asBoolean());
            case STRING -> new Text(node.asString());
            case NUMBER -> number(node);
            case ARRAY -> new Items(false, list(node));
            case OBJECT -> object(node);
            case BINARY, MISSING, POJO -> throw unknown(node);
        };
    }

    private static Argument number(JsonNode node) {
        if (!node.isIntegralNumber()) {
            return new Real(node.asDouble());
        }
        if (!node.canConvertToLong()) {
            throw new IllegalArgumentException(
                    "an argument is %s; integers have 64 bits".formatted(node));
        }
        return new Whole(node.asLong());
    }

    private static List<Argument> list(JsonNode node) {
        if (!node.isArray()) {
            throw unknown(node);
        }
        List<Argument> items = new ArrayList<>();
        node.forEach(item -> items.add(of(item)));
        return items;
    }

    private static Argument object(JsonNode node) {
        if (node.size() != 1) {
            throw unknown(node);
        }
        Map.Entry<String, JsonNode> only = node.properties().iterator().next();
        String key = only.getKey();
        JsonNode value = only.getValue();
        if (key.equals("tuple")) {
            return new Items(true, list(value));
        }
        if (key.equals("dict") && value.isObject()) {
            SortedMap<String, Argument> entries = new TreeMap<>();
            value.properties().forEach(entry -> entries.put(entry.getKey(), of(entry.getValue())));
            return new Entries(entries);
        }
        if (key.equals("slice") && value.isArray() && value.size() == 3) {
            return new Slice(of(value.path(0)), of(value.path(1)), of(value.path(2)));
        }
        if (key.equals("ellipsis")) {
            return new Ellipsis();
        }
        if (!value.isString()) {
            throw unknown(node);
        }
        return constant(node, key, value.asString());
    }

    private static Argument constant(JsonNode node, String key, String value) {
        if (key.equals("ref")) {
            return new Ref(value);
        }
        if (key.equals("float")) {
            return new Real(notFinite(node, value));
        }
        if (List.of("dtype", "device", "layout", "memory_format").contains(key)) {
            return new Constant(key, value);
        }
        throw unknown(node);
    }

    private static double notFinite(JsonNode node, String value) {
        return switch (value) {
            case "inf" -> Double.POSITIVE_INFINITY;
            case "-inf" -> Double.NEGATIVE_INFINITY;
            case "nan" -> Double.NaN;
            case String _ -> throw unknown(node);
        };
    }

    private static IllegalArgumentException unknown(JsonNode node) {
        String text = node.toString();
        return new IllegalArgumentException(
                "an argument is %s, which this server cannot read; use the official client"
                        .formatted(text.length() <= 60 ? text : text.substring(0, 60) + "…"));
    }
}
