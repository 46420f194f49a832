package dev.tinsmith.engine.graph;

import dev.tinsmith.engine.tensor.Tensor;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;

/// Operations by the name that PyTorch, Python's operators and its mathematics share for each.
/// Filled once, by one thread; read by any.
public final class Repertoire {
    private static final List<String> MODULES =
            List.of(
                    "operator.",
                    "math.",
                    "builtins.",
                    "torch.nn.functional.",
                    "torch._C._nn.",
                    "torch._C._special.special_",
                    "torch._C._linalg.linalg_",
                    "torch.special.",
                    "torch.functional.",
                    "torch.");

    private final Map<String, Operator> operators = new HashMap<>();
    private final Predicate<String> attributes;

    /// @param attributes whether anything has an attribute of this name
    public Repertoire(Predicate<String> attributes) {
        this.attributes = attributes;
    }

    /// What a node of `op` calls by `target`.
    Optional<Operator> find(LossGraph.Op op, String target) {
        return switch (op) {
            case METHOD -> Optional.ofNullable(operators.get(target));
            case FUNCTION -> Optional.ofNullable(operators.get(plain(target)));
            case PLACEHOLDER, OUTPUT -> Optional.empty();
        };
    }

    /// Every name that an operation has.
    public SortedSet<String> names() {
        return Collections.unmodifiableSortedSet(new TreeSet<>(operators.keySet()));
    }

    boolean hasAttribute(String name) {
        return attributes.test(name);
    }

    private static String plain(String target) {
        return MODULES.stream()
                .filter(target::startsWith)
                .findFirst()
                .map(module -> target.substring(module.length()))
                .filter(name -> !name.contains("."))
                .orElse(target);
    }

    /// Adds an operation.
    ///
    /// @param names all that it is called, apart by blanks
    /// @param signature as [Signature] writes it
    public void add(String names, String signature, Operator.Body body) {
        Operator operator = new Operator(Signature.of(signature), body);
        for (String name : names.split(" ", -1)) {
            Optional<Operator> twice = Optional.ofNullable(operators.put(name, operator));
            if (twice.isPresent()) {
                throw new IllegalStateException("there are two operations called " + name);
            }
        }
    }

    /// Makes a tensor.
    public void tensor(String names, String signature, Function<Call, Tensor> body) {
        add(names, signature, call -> Value.of(body.apply(call)));
    }

    /// Makes a tensor, or a number of Python's from nothing but such.
    public void number(String names, String signature, Function<Call, Tensor> body) {
        add(names, signature, call -> new Value.Numbers(body.apply(call), call.isOfNumbers()));
    }
}
