package dev.tinsmith.server.api;

import dev.tinsmith.engine.graph.LossGraph;
import dev.tinsmith.engine.graph.LossGraph.Arg;
import dev.tinsmith.engine.tensor.Table;
import dev.tinsmith.protocol.Datum;
import dev.tinsmith.protocol.TensorData;
import dev.tinsmith.protocol.graph.Argument;
import dev.tinsmith.protocol.graph.CustomLosses;
import dev.tinsmith.server.http.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// Wire → engine, for the losses that clients write.
final class Graphs {
    private static final int FORMAT = 1;

    private Graphs() {}

    static LossGraph read(CustomLosses.Create asked) {
        if (asked.graph().format() != FORMAT) {
            throw Refusal.bad(
                    "graph.format is %d; this server reads %d"
                            .formatted(asked.graph().format(), FORMAT));
        }
        List<LossGraph.Node> nodes = new ArrayList<>();
        for (int i = 0; i < asked.graph().nodes().size(); i++) {
            CustomLosses.Node node = asked.graph().nodes().get(i);
            nodes.add(node("graph.nodes[%d]".formatted(i), node));
        }
        return new LossGraph(
                asked.name(),
                asked.inputs().stream()
                        .map(input -> new LossGraph.Input(input.name(), input.rank()))
                        .toList(),
                nodes);
    }

    private static LossGraph.Node node(String place, CustomLosses.Node node) {
        try {
            SortedMap<String, Arg> named = new TreeMap<>();
            node.named().forEach((name, argument) -> named.put(name, arg(argument)));
            return new LossGraph.Node(
                    op(place, node.op()),
                    node.name(),
                    node.target(),
                    node.positional().stream().map(Graphs::arg).toList(),
                    named);
        } catch (IllegalArgumentException rule) {
            throw Refusal.bad("%s: %s".formatted(place, rule.getMessage()));
        }
    }

    private static LossGraph.Op op(String place, String written) {
        return switch (written) {
            case "placeholder" -> LossGraph.Op.PLACEHOLDER;
            case "call_function" -> LossGraph.Op.FUNCTION;
            case "call_method" -> LossGraph.Op.METHOD;
            case "output" -> LossGraph.Op.OUTPUT;
            case String _ ->
                    throw Refusal.bad(
                            "%s.op is '%s'; it must be placeholder, call_function, call_method or output"
                                    .formatted(place, written));
        };
    }

    private static Arg arg(Argument argument) {
        return switch (argument) {
            case Argument.Ref(String node) -> new Arg.Ref(node);
            case Argument.None _ -> new Arg.None();
            case Argument.Flag(boolean value) -> new Arg.Flag(value);
            case Argument.Whole(long value) -> new Arg.Whole(value);
            case Argument.Real(double value) -> new Arg.Real(value);
            case Argument.Text(String value) -> new Arg.Text(value);
            case Argument.Items(boolean tuple, List<Argument> items) ->
                    new Arg.Items(tuple, items.stream().map(Graphs::arg).toList());
            case Argument.Entries(SortedMap<String, Argument> entries) -> {
                SortedMap<String, Arg> read = new TreeMap<>();
                entries.forEach((key, value) -> read.put(key, arg(value)));
                yield new Arg.Entries(read);
            }
            case Argument.Slice(Argument start, Argument stop, Argument step) ->
                    new Arg.Slice(arg(start), arg(stop), arg(step));
            case Argument.Ellipsis _ -> new Arg.Ellipsis();
            case Argument.Constant(String kind, String name) -> new Arg.Constant(kind, name);
        };
    }

    /// Everything that a datum brings, in whatever shape.
    static SortedMap<String, Table> tables(Datum datum) {
        SortedMap<String, Table> tables = new TreeMap<>();
        datum.lossFnInputs().forEach((name, values) -> tables.put(name, table(values)));
        return tables;
    }

    private static Table table(TensorData values) {
        double[] copied = new double[values.length()];
        for (int i = 0; i < copied.length; i++) {
            copied[i] = values.at(i);
        }
        boolean whole =
                switch (values.type()) {
                    case INTEGER -> true;
                    case REAL -> false;
                };
        return Table.of(whole, values.shape(), copied);
    }
}
