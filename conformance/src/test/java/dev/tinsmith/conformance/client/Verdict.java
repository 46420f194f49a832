package dev.tinsmith.conformance.client;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What a scenario found out.
///
/// @param facts by name: numbers, texts, lists of them
record Verdict(String scenario, double seconds, JsonNode facts) {
    private static final JsonMapper JSON = new JsonMapper();

    static Verdict of(String line) {
        JsonNode verdict = JSON.readTree(line);
        if (verdict.has("failure")) {
            throw new AssertionError(verdict.path("failure").asString());
        }
        return new Verdict(
                verdict.path("scenario").asString(),
                verdict.path("seconds").asDouble(),
                verdict.path("facts"));
    }

    JsonNode fact(String name) {
        if (!facts.has(name)) {
            throw new AssertionError("%s says nothing of '%s'".formatted(scenario, name));
        }
        return facts.get(name);
    }

    double number(String name) {
        return fact(name).asDouble();
    }

    boolean is(String name) {
        return fact(name).asBoolean();
    }

    String text(String name) {
        return fact(name).asString();
    }

    List<Double> numbers(String name) {
        return stream(name).map(JsonNode::asDouble).toList();
    }

    List<String> texts(String name) {
        return stream(name).map(JsonNode::asString).toList();
    }

    Map<String, Integer> counts(String name) {
        return fact(name).properties().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, each -> each.getValue().asInt()));
    }

    private java.util.stream.Stream<JsonNode> stream(String name) {
        return StreamSupport.stream(fact(name).spliterator(), false);
    }
}
