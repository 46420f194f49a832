package dev.tinsmith.engine.graph;

import dev.tinsmith.engine.graph.LossGraph.Arg;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Losses as the official client uploads them.
public final class Uploads {
    private Uploads() {}

    public static LossGraph read(JsonNode upload) {
        List<LossGraph.Input> inputs = new ArrayList<>();
        for (JsonNode input : upload.path("inputs")) {
            inputs.add(
                    new LossGraph.Input(input.path("name").asString(), input.path("rank").asInt()));
        }
        List<LossGraph.Node> nodes = new ArrayList<>();
        upload.at("/graph/nodes").forEach(node -> nodes.add(node(node)));
        return new LossGraph(upload.path("name").asString(), inputs, nodes);
    }

    /// A loss that takes `logprobs`, of one dimension, and has these nodes after it; single quotes
    /// stand for double ones.
    public static LossGraph of(String... nodes) {
        List<LossGraph.Node> read = new ArrayList<>();
        read.add(
                node(
                        JsonMapper.shared()
                                .readTree(
                                        "{\"op\": \"placeholder\", \"name\": \"logprobs\", \"target\": \"logprobs\"}")));
        for (String node : nodes) {
            read.add(node(JsonMapper.shared().readTree(node.replace('\'', '"'))));
        }
        return new LossGraph("mine", List.of(new LossGraph.Input("logprobs", 1)), read);
    }

    private static LossGraph.Node node(JsonNode node) {
        SortedMap<String, Arg> kwargs = new TreeMap<>();
        node.path("kwargs")
                .properties()
                .forEach(arg -> kwargs.put(arg.getKey(), arg(arg.getValue())));
        return new LossGraph.Node(
                switch (node.path("op").asString()) {
                    case "placeholder" -> LossGraph.Op.PLACEHOLDER;
                    case "call_function" -> LossGraph.Op.FUNCTION;
                    case "call_method" -> LossGraph.Op.METHOD;
                    default -> LossGraph.Op.OUTPUT;
                },
                node.path("name").asString(),
                node.path("target").asString(),
                args(node.path("args")),
                kwargs);
    }

    private static List<Arg> args(JsonNode list) {
        return list.valueStream().map(Uploads::arg).toList();
    }

    private static Arg arg(JsonNode node) {
        return switch (node.getNodeType()) {
            case NULL -> new Arg.None();
            case BOOLEAN -> new Arg.Flag(node.asBoolean());
            case STRING -> new Arg.Text(node.asString());
            case NUMBER ->
                    node.isIntegralNumber()
                            ? new Arg.Whole(node.asLong())
                            : new Arg.Real(node.asDouble());
            case ARRAY -> new Arg.Items(false, args(node));
            default -> object(node.properties().iterator().next());
        };
    }

    private static Arg object(Map.Entry<String, JsonNode> only) {
        JsonNode value = only.getValue();
        return switch (only.getKey()) {
            case "ref" -> new Arg.Ref(value.asString());
            case "tuple" -> new Arg.Items(true, args(value));
            case "dict" -> {
                SortedMap<String, Arg> entries = new TreeMap<>();
                value.properties()
                        .forEach(entry -> entries.put(entry.getKey(), arg(entry.getValue())));
                yield new Arg.Entries(entries);
            }
            case "slice" ->
                    new Arg.Slice(arg(value.path(0)), arg(value.path(1)), arg(value.path(2)));
            case "ellipsis" -> new Arg.Ellipsis();
            case "float" ->
                    new Arg.Real(
                            switch (value.asString()) {
                                case "inf" -> Double.POSITIVE_INFINITY;
                                case "-inf" -> Double.NEGATIVE_INFINITY;
                                default -> Double.NaN;
                            });
            default -> new Arg.Constant(only.getKey(), value.asString());
        };
    }
}
