package dev.tinsmith.engine.operators;

import dev.tinsmith.engine.graph.Value;
import dev.tinsmith.engine.tensor.Kind;
import dev.tinsmith.engine.tensor.Tensor;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/// What a graph may ask of a value with `getattr`.
final class Attributes {
    private static final Map<String, Function<Tensor, Value>> OF_TENSORS =
            Map.of(
                    "shape", x -> Value.ofShape(x, x.shape()),
                    "ndim", x -> Value.whole(x, x.shape().rank()),
                    "dtype", x -> new Value.OfKind(x.kind()),
                    "device", _ -> new Value.Place("cpu"),
                    "T", x -> Value.of(Arrangements.reversed(x)),
                    "mT", x -> Value.of(Arrangements.swapped(x, -2, -1)),
                    "data", x -> Value.of(x.held()),
                    "requires_grad",
                            x ->
                                    new Value.Numbers(
                                            x.tape().number(Kind.BOOL, x.followed() ? 1 : 0),
                                            true));

    /// Of what `max`, `min`, `sort` and `topk` make.
    private static final Set<String> OF_PAIRS = Set.of("values", "indices");

    private Attributes() {}

    static boolean known(String name) {
        return OF_TENSORS.containsKey(name) || OF_PAIRS.contains(name);
    }

    static Value of(Value value, String name) {
        Optional<Value> found =
                switch (value) {
                    case Value.Numbers(Tensor tensor, boolean _) ->
                            Optional.ofNullable(OF_TENSORS.get(name)).map(of -> of.apply(tensor));
                    case Value.Items items ->
                            Optional.of(items.names().indexOf(name))
                                    .filter(place -> place >= 0)
                                    .map(items.items()::get);
                    case Value.Entries _,
                            Value.None _,
                            Value.Text _,
                            Value.Slice _,
                            Value.Ellipsis _,
                            Value.OfKind _,
                            Value.Place _ ->
                            Optional.empty();
                };
        return found.orElseThrow(() ->
                new IllegalArgumentException(
                        "asks %s for '%s', which it does not have"
                                .formatted(value.describe(), name)));
    }
}
