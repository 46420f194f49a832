package dev.tinsmith.engine.graph;

import dev.tinsmith.engine.graph.LossGraph.Arg;
import dev.tinsmith.engine.tensor.Kind;
import dev.tinsmith.engine.tensor.Shape;
import dev.tinsmith.engine.tensor.Table;
import dev.tinsmith.engine.tensor.Tape;
import dev.tinsmith.engine.tensor.Tensor;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// A loss of a client's own, ready to be computed. Immutable; any thread may run it.
public final class Program {
    private final LossGraph graph;
    private final List<String> takers;
    private final List<Step> steps;
    private final End end;

    /// @param takers the nodes that take the inputs, in their order
    Program(LossGraph graph, List<String> takers, List<Step> steps, End end) {
        this.graph = graph;
        this.takers = List.copyOf(takers);
        this.steps = List.copyOf(steps);
        this.end = end;
    }

    /// One operation and its arguments by name.
    record Step(LossGraph.Node node, Operator operator, SortedMap<String, Arg> arguments) {}

    /// Which nodes are returned.
    record End(String loss, SortedMap<String, String> metrics) {}

    /// What a loss says of one datum.
    ///
    /// @param gradient the derivative of `loss` by each log-probability
    public record Said(double loss, Table gradient, SortedMap<String, Double> metrics) {
        public Said {
            metrics = Collections.unmodifiableSortedMap(new TreeMap<>(metrics));
        }
    }

    /// The loss that `graph` describes.
    ///
    /// @throws IllegalArgumentException if it asks for what is not in `repertoire`, or is no loss
    public static Program of(LossGraph graph, Repertoire repertoire) {
        return new Compiler(graph, repertoire).compile();
    }

    /// What it reads, log-probabilities first.
    public List<LossGraph.Input> inputs() {
        return graph.inputs();
    }

    /// Computes the loss, and follows it back.
    ///
    /// @param inputs all of [#inputs], each of its rank; a single number may be a line of one
    /// @throws IllegalArgumentException if they do not go together, or it takes too much
    public Said run(Map<String, Table> inputs) {
        Tape tape = new Tape();
        Map<String, Value> values = new HashMap<>();
        Tensor logprobs = read(tape, inputs, values);
        for (Step step : steps) {
            values.put(step.node().name(), apply(step, tape, values));
        }
        Tensor loss = single("loss", end.loss(), values);
        if (!loss.followed()) {
            throw refusal(
                    "returns a loss that does not depend on logprobs, so there is nothing to learn from it");
        }
        tape.follow(loss);
        SortedMap<String, Double> metrics = new TreeMap<>();
        end.metrics()
                .forEach((key, node) ->
                        metrics.put(
                                key, single("metric '%s'".formatted(key), node, values).only()));
        Table gradient = Table.of(false, logprobs.shape().lengths(), logprobs.slopesToArray());
        return new Said(loss.only(), gradient, metrics);
    }

    /// @return the log-probabilities
    private Tensor read(Tape tape, Map<String, Table> inputs, Map<String, Value> values) {
        for (int i = 0; i < takers.size(); i++) {
            LossGraph.Input input = graph.inputs().get(i);
            Table table =
                    Optional.ofNullable(inputs.get(input.name()))
                            .orElseThrow(() -> refusal("lacks its input " + input.name()));
            Shape shape = input.rank() == 0 ? Shape.NUMBER : new Shape(table.shape());
            Tensor tensor =
                    i == 0
                            ? tape.variable(shape, table.toArray())
                            : tape.constant(
                                    table.whole() ? Kind.WHOLE : Kind.REAL, shape, table.toArray());
            values.put(takers.get(i), Value.of(tensor));
        }
        return tensor(takers.getFirst(), values)
                .orElseThrow(() -> new IllegalStateException("logprobs are no tensor"));
    }

    private Value apply(Step step, Tape tape, Map<String, Value> values) {
        SortedMap<String, Value> given = new TreeMap<>();
        step.arguments().forEach((name, arg) -> given.put(name, value(arg, tape, values)));
        try {
            return step.operator().body().apply(new Call(tape, given));
        } catch (IllegalArgumentException rule) {
            throw refusal(
                    "fails at node '%s' (%s): %s"
                            .formatted(
                                    step.node().name(), step.node().target(), rule.getMessage()));
        }
    }

    private static Value value(Arg arg, Tape tape, Map<String, Value> values) {
        return switch (arg) {
            case Arg.Ref(String name) ->
                    Optional.ofNullable(values.get(name))
                            .orElseThrow(() -> new IllegalStateException("no node " + name));
            case Arg.None _ -> new Value.None();
            case Arg.Flag(boolean flag) -> number(tape, Kind.BOOL, flag ? 1 : 0);
            case Arg.Whole(long whole) -> number(tape, Kind.WHOLE, (double) whole);
            case Arg.Real(double real) -> number(tape, Kind.REAL, real);
            case Arg.Text(String text) -> new Value.Text(text);
            case Arg.Items(boolean tuple, List<Arg> items) ->
                    new Value.Items(
                            tuple,
                            items.stream().map(item -> value(item, tape, values)).toList(),
                            List.of());
            case Arg.Entries(SortedMap<String, Arg> entries) -> {
                SortedMap<String, Value> read = new TreeMap<>();
                entries.forEach((key, entry) -> read.put(key, value(entry, tape, values)));
                yield new Value.Entries(read);
            }
            case Arg.Slice(Arg start, Arg stop, Arg step) ->
                    new Value.Slice(
                            value(start, tape, values),
                            value(stop, tape, values),
                            value(step, tape, values));
            case Arg.Ellipsis _ -> new Value.Ellipsis();
            case Arg.Constant constant -> Compiler.constant(constant);
        };
    }

    private static Value number(Tape tape, Kind kind, double value) {
        return new Value.Numbers(tape.number(kind, value), true);
    }

    private Tensor single(String what, String node, Map<String, Value> values) {
        Tensor tensor =
                tensor(node, values)
                        .orElseThrow(
                                () -> refusal("returns a %s that is no tensor".formatted(what)));
        if (tensor.shape().rank() > 0) {
            throw refusal(
                    "returns a %s of the shape %s; it must be a single number"
                            .formatted(what, tensor.shape()));
        }
        return tensor;
    }

    private static Optional<Tensor> tensor(String node, Map<String, Value> values) {
        return values.get(node) instanceof Value.Numbers(Tensor tensor, boolean _)
                ? Optional.of(tensor)
                : Optional.empty();
    }

    private IllegalArgumentException refusal(String what) {
        return new IllegalArgumentException("the loss '%s' %s".formatted(graph.name(), what));
    }
}
