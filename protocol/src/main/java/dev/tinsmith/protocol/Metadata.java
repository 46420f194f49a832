package dev.tinsmith.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/// What a user wrote on a session, a run or a checkpoint. Values may be any JSON on the way in, and
/// are text from there on.
public record Metadata(@JsonValue SortedMap<String, String> values) {
    /// Nothing.
    public static final Metadata NONE = new Metadata(new TreeMap<>());

    public Metadata {
        values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static Metadata read(JsonNode written) {
        if (!written.isObject()) {
            throw new IllegalArgumentException("is %s; it must be an object".formatted(written));
        }
        SortedMap<String, String> values = new TreeMap<>();
        written.propertyStream()
                .forEach(property -> values.put(property.getKey(), text(property.getValue())));
        return new Metadata(values);
    }

    private static String text(JsonNode value) {
        return value.isString() ? value.stringValue() : value.toString();
    }
}
