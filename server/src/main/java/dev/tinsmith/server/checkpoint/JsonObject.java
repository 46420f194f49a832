package dev.tinsmith.server.checkpoint;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// The little JSON that `checkpoint.json` is made of: objects of texts, whole numbers, truths and
/// objects. JSON libraries stay in the module that keeps them in.
final class JsonObject {
    private final SequencedMap<String, Value> members = new LinkedHashMap<>();

    /// One member's value.
    sealed interface Value {
        record Text(String text) implements Value {}

        record Whole(long number) implements Value {}

        record Truth(boolean truth) implements Value {}

        record Nested(JsonObject object) implements Value {}

        /// What a [Text] says.
        default String text() {
            return switch (this) {
                case Text(String text) -> text;
                case Whole _, Truth _, Nested _ ->
                        throw new IllegalArgumentException("%s is no text".formatted(this));
            };
        }
    }

    /// @throws IllegalArgumentException if `text` is anything but one such object
    static JsonObject parse(String text) {
        return new JsonReader(text).whole();
    }

    static JsonObject of(SortedMap<String, String> texts) {
        JsonObject object = new JsonObject();
        texts.forEach(object::with);
        return object;
    }

    JsonObject with(String name, String text) {
        return with(name, new Value.Text(text));
    }

    JsonObject with(String name, long number) {
        return with(name, new Value.Whole(number));
    }

    JsonObject with(String name, boolean truth) {
        return with(name, new Value.Truth(truth));
    }

    JsonObject with(String name, JsonObject object) {
        return with(name, new Value.Nested(object));
    }

    JsonObject with(String name, Value value) {
        members.put(name, value);
        return this;
    }

    Optional<Value> maybe(String name) {
        return Optional.ofNullable(members.get(name));
    }

    String text(String name) {
        return switch (member(name)) {
            case Value.Text(String text) -> text;
            case Value.Whole _, Value.Truth _, Value.Nested _ -> throw wrong(name, "a text");
        };
    }

    long number(String name) {
        return switch (member(name)) {
            case Value.Whole(long number) -> number;
            case Value.Text _, Value.Truth _, Value.Nested _ -> throw wrong(name, "a number");
        };
    }

    boolean truth(String name) {
        return switch (member(name)) {
            case Value.Truth(boolean truth) -> truth;
            case Value.Text _, Value.Whole _, Value.Nested _ -> throw wrong(name, "true or false");
        };
    }

    JsonObject object(String name) {
        return switch (member(name)) {
            case Value.Nested(JsonObject object) -> object;
            case Value.Text _, Value.Whole _, Value.Truth _ -> throw wrong(name, "an object");
        };
    }

    /// All members, which must be texts.
    SortedMap<String, String> texts() {
        SortedMap<String, String> texts = new TreeMap<>();
        members.keySet().forEach(name -> texts.put(name, text(name)));
        return Collections.unmodifiableSortedMap(texts);
    }

    private Value member(String name) {
        return maybe(name)
                .orElseThrow(() -> new IllegalArgumentException("'%s' is missing".formatted(name)));
    }

    private static IllegalArgumentException wrong(String name, String rule) {
        return new IllegalArgumentException("'%s' must be %s".formatted(name, rule));
    }

    @Override
    public String toString() {
        return members.entrySet().stream()
                .map(JsonObject::written)
                .collect(Collectors.joining(",\n", "{\n", "\n}"));
    }

    private static String written(Map.Entry<String, Value> member) {
        return quoted(member.getKey())
                + ": "
                + switch (member.getValue()) {
                    case Value.Text(String text) -> quoted(text);
                    case Value.Whole(long number) -> Long.toString(number);
                    case Value.Truth(boolean truth) -> Boolean.toString(truth);
                    case Value.Nested(JsonObject object) -> object.toString();
                };
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char letter = text.charAt(i);
            if (letter == '"' || letter == '\\') {
                quoted.append('\\').append(letter);
            } else if (letter < ' ' || Character.isSurrogate(letter)) {
                quoted.append("\\u%04x".formatted((int) letter));
            } else {
                quoted.append(letter);
            }
        }
        return quoted.append('"').toString();
    }
}
