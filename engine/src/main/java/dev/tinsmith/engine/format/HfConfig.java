package dev.tinsmith.engine.format;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// A `config.json`, or an object inside it. A key whose value is JSON's null counts as absent, as
/// it does for those who write such files.
public final class HfConfig {
    /// The file's name.
    public static final String FILE = "config.json";

    private final JsonNode node;
    private final String prefix;

    private HfConfig(JsonNode node, String prefix) {
        this.node = node;
        this.prefix = prefix;
    }

    /// Reads the one in `folder`.
    public static HfConfig read(Path folder) {
        return new HfConfig(JsonFile.read(FolderFile.inside(folder, FILE)), "");
    }

    /// What the model calls itself: the first of `architectures`.
    public String architecture() {
        return node.path("architectures")
                .path(0)
                .stringValueOpt()
                .orElseThrow(() ->
                        new FormatException(
                                "%s has no architectures; it must name one, such as [\"LlamaForCausalLM\"]"
                                        .formatted(FILE)));
    }

    /// Whether there is a value.
    public boolean has(String key) {
        return node.hasNonNull(key);
    }

    /// Whether the value is null, for the few keys where that is not the same as silence.
    public boolean saysNone(String key) {
        return node.path(key).isNull();
    }

    /// Whether the value holds nothing, as an empty list does.
    public boolean isEmpty(String key) {
        return node.path(key).isEmpty();
    }

    /// A whole number that must be there.
    public int integer(String key) {
        JsonNode value = required(key, "a whole number");
        if (!value.isIntegralNumber() || !value.canConvertToInt()) {
            throw wrong(key, value, "a whole number below 2^31");
        }
        return value.intValue();
    }

    /// A whole number.
    public int integer(String key, int otherwise) {
        return has(key) ? integer(key) : otherwise;
    }

    /// A number that must be there.
    public double real(String key) {
        JsonNode value = required(key, "a number");
        if (!value.isNumber()) {
            throw wrong(key, value, "a number");
        }
        return value.doubleValue();
    }

    /// A number.
    public double real(String key, double otherwise) {
        return has(key) ? real(key) : otherwise;
    }

    /// True or false.
    public boolean bool(String key, boolean otherwise) {
        if (!has(key)) {
            return otherwise;
        }
        JsonNode value = node.path(key);
        return value.booleanValueOpt().orElseThrow(() -> wrong(key, value, "true or false"));
    }

    /// A text.
    public String text(String key, String otherwise) {
        if (!has(key)) {
            return otherwise;
        }
        JsonNode value = node.path(key);
        return value.stringValueOpt().orElseThrow(() -> wrong(key, value, "a text"));
    }

    /// A list of texts.
    public List<String> texts(String key, List<String> otherwise) {
        if (!has(key)) {
            return otherwise;
        }
        JsonNode value = node.path(key);
        if (!value.isArray() || value.valueStream().anyMatch(entry -> !entry.isString())) {
            throw wrong(key, value, "a list of texts");
        }
        return value.valueStream().map(JsonNode::stringValue).toList();
    }

    /// An object that must be there.
    public HfConfig object(String key) {
        JsonNode value = required(key, "an object");
        if (!value.isObject()) {
            throw wrong(key, value, "an object");
        }
        return new HfConfig(value, prefix + key + ".");
    }

    private JsonNode required(String key, String kind) {
        return Optional.of(node.path(key))
                .filter(_ -> has(key))
                .orElseThrow(() ->
                        new FormatException(
                                "%s lacks %s%s, %s; take it from the model's source again"
                                        .formatted(FILE, prefix, key, kind)));
    }

    private FormatException wrong(String key, JsonNode value, String kind) {
        return new FormatException(
                "%s says %s%s is %s; it must be %s".formatted(FILE, prefix, key, value, kind));
    }
}
