package dev.tinsmith.engine.graph;

import dev.tinsmith.engine.graph.LossGraph.Arg;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// Which arguments an operation takes, in PyTorch's order.
///
/// Written as `input, dim?, *size, -inplace, ~device`: needed, optional, the rest of the positional
/// ones, to be left out or False, and without a meaning here.
public record Signature(List<Parameter> parameters) {
    private static final Map<Character, Need> BY_FIRST =
            Map.of('*', Need.REST, '-', Need.ABSENT, '~', Need.MEANINGLESS);

    /// Other names that PyTorch has for an argument.
    private static final Map<String, String> ALIASES =
            Map.of(
                    "axis", "dim",
                    "keepdims", "keepdim",
                    "self", "input",
                    "x", "input",
                    "exponent", "other",
                    "mat2", "other",
                    "ord", "p");

    public Signature {
        parameters = List.copyOf(parameters);
    }

    /// Whether it must be there.
    enum Need {
        NEEDED,
        OPTIONAL,
        REST,
        ABSENT,
        MEANINGLESS
    }

    /// One argument.
    record Parameter(String name, Need need) {
        static Parameter of(String written) {
            Need need =
                    Optional.ofNullable(BY_FIRST.get(written.charAt(0)))
                            .orElse(written.endsWith("?") ? Need.OPTIONAL : Need.NEEDED);
            return new Parameter(written.replaceAll("[*~?-]", ""), need);
        }
    }

    static Signature of(String written) {
        List<Parameter> parameters = new ArrayList<>();
        for (String each : written.split(", ", -1)) {
            if (!each.isEmpty()) {
                parameters.add(Parameter.of(each));
            }
        }
        return new Signature(parameters);
    }

    /// The arguments by their names.
    ///
    /// @throws IllegalArgumentException if there are others, or some are missing
    SortedMap<String, Arg> bind(List<Arg> args, Map<String, Arg> kwargs) {
        SortedMap<String, Arg> bound = new TreeMap<>();
        List<Arg> rest = new ArrayList<>(args);
        for (Parameter parameter : parameters) {
            if (parameter.need() == Need.REST && !rest.isEmpty()) {
                bound.put(parameter.name(), rest(rest));
                rest.clear();
            } else if (!rest.isEmpty()) {
                put(bound, parameter, rest.removeFirst());
            }
        }
        if (!rest.isEmpty()) {
            throw new IllegalArgumentException(
                    "has %d positional arguments; it takes %s".formatted(args.size(), names()));
        }
        kwargs.forEach((name, value) -> put(bound, parameter(name, bound), value));
        for (Parameter parameter : parameters) {
            if (parameter.need() == Need.NEEDED && !bound.containsKey(parameter.name())) {
                throw new IllegalArgumentException(
                        "lacks the argument '%s'; it takes %s"
                                .formatted(parameter.name(), names()));
            }
        }
        return bound;
    }

    /// Sizes may come one by one or as one list.
    private static Arg rest(List<Arg> rest) {
        boolean one = rest.size() == 1 && !(rest.getFirst() instanceof Arg.Whole);
        return one ? rest.getFirst() : new Arg.Items(true, rest);
    }

    private static void put(SortedMap<String, Arg> bound, Parameter parameter, Arg value) {
        switch (parameter.need()) {
            case NEEDED, OPTIONAL, REST -> bound.put(parameter.name(), value);
            case MEANINGLESS -> {
                if (value instanceof Arg.Text(String place) && !place.equals("cpu")) {
                    throw new IllegalArgumentException(
                            "has the argument '%s' as '%s'; losses are computed on the cpu, so leave it out"
                                    .formatted(parameter.name(), place));
                }
            }
            case ABSENT -> {
                if (!(value instanceof Arg.None) && !value.equals(new Arg.Flag(false))) {
                    throw new IllegalArgumentException(
                            "has the argument '%s', which is not supported here; leave it out"
                                    .formatted(parameter.name()));
                }
            }
        }
    }

    private Parameter parameter(String written, SortedMap<String, Arg> bound) {
        return find(written)
                .or(() -> Optional.ofNullable(ALIASES.get(written)).flatMap(this::find))
                .filter(parameter -> !bound.containsKey(parameter.name()))
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "has the argument '%s'; it takes %s, each once"
                                        .formatted(written, names())));
    }

    private Optional<Parameter> find(String name) {
        return parameters.stream().filter(parameter -> parameter.name().equals(name)).findFirst();
    }

    private List<String> names() {
        return parameters.stream()
                .filter(parameter -> parameter.need() != Need.ABSENT)
                .map(Parameter::name)
                .toList();
    }
}
