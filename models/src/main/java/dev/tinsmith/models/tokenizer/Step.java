package dev.tinsmith.models.tokenizer;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.LinkedHashMap;
import java.util.Map;

/// One object of `tokenizer.json`, its fields in the order in which they were given, so that the
/// same model gives the same file.
final class Step {
    private final Map<String, Object> fields = new LinkedHashMap<>();

    private Step() {}

    static Step of(String type) {
        return empty().with("type", type);
    }

    static Step empty() {
        return new Step();
    }

    Step with(String name, Object value) {
        fields.put(name, value);
        return this;
    }

    @JsonValue
    Map<String, Object> fields() {
        return fields;
    }
}
