package dev.tinsmith.engine.graph;

import dev.tinsmith.engine.graph.LossGraph.Arg;
import dev.tinsmith.engine.graph.LossGraph.Node;
import dev.tinsmith.engine.tensor.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// Reads a graph from its first node to its last, and refuses what cannot be computed here before
/// anything is.
final class Compiler {
    /// How many nodes a loss may have.
    static final int MAX_NODES = 1000;

    /// How many arguments all nodes of a loss may have together, counting what is inside of lists.
    static final int MAX_ARGUMENTS = 20_000;

    /// How many letters a name or a text in it may have.
    static final int MAX_LETTERS = 256;

    static final int MAX_INPUTS = 16;
    static final String LOGPROBS = "logprobs";

    private static final Pattern INPUT = Pattern.compile("[a-z_][a-z0-9_]{0,63}");
    private static final Pattern METRIC = Pattern.compile("custom/[a-z0-9_./-]{1,64}:(sum|mean)");

    /// PyTorch's kinds of number; those that round more coarsely than single precision are missing.
    private static final Map<String, Kind> KINDS =
            Map.of(
                    "float32", Kind.REAL,
                    "float64", Kind.REAL,
                    "int64", Kind.WHOLE,
                    "int32", Kind.WHOLE,
                    "int16", Kind.WHOLE,
                    "int8", Kind.WHOLE,
                    "uint8", Kind.WHOLE,
                    "bool", Kind.BOOL);

    private final LossGraph graph;
    private final Repertoire repertoire;
    private final Set<String> made = new HashSet<>();
    private final Set<String> fromLogprobs = new HashSet<>();
    private final List<Program.Step> steps = new ArrayList<>();
    private int arguments;

    Compiler(LossGraph graph, Repertoire repertoire) {
        this.graph = graph;
        this.repertoire = repertoire;
    }

    Program compile() {
        letters(graph.name());
        inputs();
        if (graph.nodes().size() > MAX_NODES) {
            throw refusal(
                    "has %d nodes; it may have %d".formatted(graph.nodes().size(), MAX_NODES));
        }
        List<Node> takers =
                graph.nodes().stream()
                        .filter(node -> node.op() == LossGraph.Op.PLACEHOLDER)
                        .toList();
        List<String> taken = takers.stream().map(Node::target).toList();
        if (!taken.equals(graph.inputs().stream().map(LossGraph.Input::name).toList())) {
            throw refusal(
                    "takes the inputs %s; the graph must have a placeholder for each, in their order"
                            .formatted(taken));
        }
        Optional<Program.End> end = Optional.empty();
        for (Node node : graph.nodes()) {
            letters(node.name());
            letters(node.target());
            if (end.isPresent()) {
                throw refusal("goes on after its output; the output must be its last node");
            }
            end = read(node);
            if (!made.add(node.name())) {
                throw refusal("has two nodes called '%s'".formatted(node.name()));
            }
        }
        return new Program(
                graph,
                takers.stream().map(Node::name).toList(),
                steps,
                end.orElseThrow(() -> refusal("has no output node")));
    }

    private void inputs() {
        List<LossGraph.Input> inputs = graph.inputs();
        if (inputs.isEmpty() || !inputs.getFirst().name().equals(LOGPROBS)) {
            throw refusal("must take 'logprobs' first");
        }
        if (inputs.size() > MAX_INPUTS) {
            throw refusal("takes %d inputs; it may take %d".formatted(inputs.size(), MAX_INPUTS));
        }
        Set<String> names = new HashSet<>();
        for (LossGraph.Input input : inputs) {
            if (!INPUT.matcher(input.name()).matches() || !names.add(input.name())) {
                throw refusal(
                        "takes the input '%s'; names are lowercase letters, digits and underscores, each once"
                                .formatted(input.name()));
            }
            int least = input.name().equals(LOGPROBS) ? 1 : 0;
            if (input.rank() < least || input.rank() > 2) {
                throw refusal(
                        "takes the input '%s' with the rank %d; it must be %d to 2"
                                .formatted(input.name(), input.rank(), least));
            }
        }
    }

    /// @return the end, if this is it
    private Optional<Program.End> read(Node node) {
        return switch (node.op()) {
            case PLACEHOLDER -> {
                if (node.target().equals(LOGPROBS)) {
                    fromLogprobs.add(node.name());
                }
                yield Optional.empty();
            }
            case FUNCTION, METHOD -> {
                call(node);
                yield Optional.empty();
            }
            case OUTPUT -> Optional.of(end(node));
        };
    }

    private void call(Node node) {
        Operator operator =
                repertoire
                        .find(node.op(), node.target())
                        .orElseThrow(() -> refusal(node, "is not known here" + hint(node)));
        SortedMap<String, Arg> bound;
        try {
            bound = operator.signature().bind(node.args(), node.kwargs());
        } catch (IllegalArgumentException rule) {
            throw refusal(node, String.valueOf(rule.getMessage()));
        }
        node.args().forEach(arg -> check(node, arg));
        node.kwargs().values().forEach(arg -> check(node, arg));
        if (bound.get("name") instanceof Arg.Text(String attribute)
                && !repertoire.hasAttribute(attribute)) {
            throw refusal(
                    node,
                    "asks for the attribute '%s', which is not known here".formatted(attribute));
        }
        steps.add(new Program.Step(node, operator, bound));
    }

    private static String hint(Node node) {
        return node.op() == LossGraph.Op.METHOD
                        && node.target().endsWith("_")
                        && !node.target().startsWith("_")
                ? "; it changes a tensor in place, so use the one without the last underscore"
                : "; docs/custom-losses.md lists what is";
    }

    /// Whether `arg` is made of what is there, and of constants that mean something here.
    private void check(Node node, Arg arg) {
        arguments++;
        if (arguments > MAX_ARGUMENTS) {
            throw refusal("has more than %d arguments in all".formatted(MAX_ARGUMENTS));
        }
        switch (arg) {
            case Arg.Ref(String name) -> {
                if (!made.contains(name)) {
                    throw refusal(
                            node, "refers to '%s', which no node before it makes".formatted(name));
                }
                if (fromLogprobs.contains(name)) {
                    fromLogprobs.add(node.name());
                }
            }
            case Arg.Items(boolean _, List<Arg> items) -> items.forEach(item -> check(node, item));
            case Arg.Entries(SortedMap<String, Arg> entries) -> {
                entries.keySet().forEach(this::letters);
                entries.values().forEach(entry -> check(node, entry));
            }
            case Arg.Slice(Arg start, Arg stop, Arg step) -> {
                check(node, start);
                check(node, stop);
                check(node, step);
            }
            case Arg.Constant constant -> check(node, constant);
            case Arg.None _, Arg.Flag _, Arg.Whole _, Arg.Real _, Arg.Text _, Arg.Ellipsis _ -> {}
        }
    }

    private void check(Node node, Arg.Constant constant) {
        if (constant.kind().equals("dtype") && !KINDS.containsKey(constant.name())) {
            throw refusal(
                    node,
                    "uses the dtype %s; it must be one of %s"
                            .formatted(constant.name(), new TreeMap<>(KINDS).keySet()));
        }
        if (constant.kind().equals("device") && !constant.name().equals("cpu")) {
            throw refusal(
                    node,
                    "uses the device %s; losses are computed on the cpu, so leave the device out"
                            .formatted(constant.name()));
        }
    }

    static Value constant(Arg.Constant constant) {
        return Optional.ofNullable(KINDS.get(constant.name()))
                .filter(_ -> constant.kind().equals("dtype"))
                .<Value>map(Value.OfKind::new)
                .orElseGet(() -> new Value.Place(constant.name()));
    }

    private Program.End end(Node node) {
        if (node.args().size() == 1
                && node.args().getFirst() instanceof Arg.Items(boolean _, List<Arg> two)
                && two.size() == 2
                && two.getFirst() instanceof Arg.Ref(String loss)
                && two.getLast() instanceof Arg.Entries(SortedMap<String, Arg> entries)) {
            two.forEach(arg -> check(node, arg));
            if (!fromLogprobs.contains(loss)) {
                throw refusal(
                        "returns a loss that does not depend on logprobs, so there is nothing to learn from it");
            }
            return new Program.End(loss, metrics(entries));
        }
        throw refusal("must return a loss and a dictionary of metrics");
    }

    private SortedMap<String, String> metrics(SortedMap<String, Arg> entries) {
        SortedMap<String, String> metrics = new TreeMap<>();
        entries.forEach((key, value) -> {
            if (!METRIC.matcher(key).matches()) {
                throw refusal(
                        "has the metric '%s'; it must be called custom/<name>:sum or custom/<name>:mean, in lowercase"
                                .formatted(key));
            }
            if (value instanceof Arg.Ref(String node)) {
                metrics.put(key, node);
            } else {
                throw refusal("has the metric '%s', which must be a tensor".formatted(key));
            }
        });
        return metrics;
    }

    private void letters(String text) {
        if (text.length() > MAX_LETTERS) {
            throw refusal(
                    "has the text '%s'; a text may have %d letters"
                            .formatted(shortened(text), MAX_LETTERS));
        }
    }

    private IllegalArgumentException refusal(Node node, String what) {
        return refusal("node '%s' (%s) %s".formatted(node.name(), node.target(), what));
    }

    private IllegalArgumentException refusal(String what) {
        return new IllegalArgumentException(
                "the loss '%s' %s".formatted(shortened(graph.name()), what));
    }

    private static String shortened(String name) {
        return name.length() <= 64 ? name : name.substring(0, 64) + "…";
    }
}
