package dev.tinsmith.engine.operators;

import dev.tinsmith.engine.graph.Call;
import dev.tinsmith.engine.graph.Repertoire;
import dev.tinsmith.engine.graph.Value;
import dev.tinsmith.engine.tensor.Kind;
import dev.tinsmith.engine.tensor.Pointwise;
import dev.tinsmith.engine.tensor.Shape;
import dev.tinsmith.engine.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Tensors out of nothing, tensors as another kind, and what is known of a tensor.
final class Creations {
    private static final String LIKE =
            "dtype?, ~device, ~layout, -requires_grad, ~memory_format, -pin_memory";

    private Creations() {}

    static void into(Repertoire all) {
        like(all, "zeros_like", 0);
        like(all, "ones_like", 1);
        all.tensor(
                "full_like",
                "input, fill_value, " + LIKE,
                call -> filled(call, shape(call), call.real("fill_value")));
        fresh(all, "zeros", 0);
        fresh(all, "ones", 1);
        all.tensor(
                "full",
                "size, fill_value, " + LIKE,
                call ->
                        call.tape()
                                .full(
                                        call.kind("dtype").orElse(call.tensor("fill_value").kind()),
                                        new Shape(call.wholes("size")),
                                        call.real("fill_value")));
        all.tensor("new_zeros", "input, *size, " + LIKE, call -> filled(call, size(call), 0));
        all.tensor("new_ones", "input, *size, " + LIKE, call -> filled(call, size(call), 1));
        all.tensor(
                "new_full",
                "input, size, fill_value, " + LIKE,
                call -> filled(call, size(call), call.real("fill_value")));
        all.tensor("arange", "start, end?, step?, " + LIKE, Creations::range);
        all.tensor("one_hot", "input, num_classes?", Creations::oneHot);
        casts(all);
        facts(all);
    }

    private static void like(Repertoire all, String name, double value) {
        all.tensor(name, "input, " + LIKE, call -> filled(call, shape(call), value));
    }

    private static void fresh(Repertoire all, String name, double value) {
        all.tensor(
                name,
                "*size, " + LIKE,
                call -> call.tape().full(call.kind("dtype").orElse(Kind.REAL), size(call), value));
    }

    private static Shape shape(Call call) {
        return call.tensor("input").shape();
    }

    private static Shape size(Call call) {
        return call.has("size") ? new Shape(call.wholes("size")) : Shape.NUMBER;
    }

    private static Tensor filled(Call call, Shape shape, double value) {
        Kind kind = call.kind("dtype").orElse(call.tensor("input").kind());
        return call.tape().full(kind, shape, value);
    }

    private static Tensor range(Call call) {
        double start = call.has("end") ? call.real("start") : 0;
        double end = call.real(call.has("end") ? "end" : "start");
        double step = call.real("step", 1);
        double count = Math.ceil((end - start) / step);
        if (!(count >= 0 && count <= Integer.MAX_VALUE)) {
            throw new IllegalArgumentException(
                    "goes from %s to %s in steps of %s, and never arrives"
                            .formatted(start, end, step));
        }
        Kind kind = Kind.WHOLE;
        for (String name : List.of("start", "end", "step")) {
            kind = call.has(name) ? kind.with(call.tensor(name).kind()) : kind;
        }
        Shape shape = Shape.of((int) count);
        Tensor zeros = call.tape().full(call.kind("dtype").orElse(kind), shape, 0);
        double[] values = zeros.toArray();
        Arrays.setAll(values, i -> start + i * step);
        return call.tape().constant(zeros.kind(), shape, values);
    }

    private static Tensor oneHot(Call call) {
        Tensor x = call.tensor("input");
        int most = (int) Arrays.stream(x.toArray()).max().orElse(-1);
        boolean wrong = Arrays.stream(x.toArray()).anyMatch(id -> id < 0);
        int asked = call.whole("num_classes", -1);
        int classes = asked < 0 ? most + 1 : asked;
        if (x.kind() == Kind.REAL || wrong || most >= classes) {
            throw new IllegalArgumentException(
                    "takes integers from 0 to num_classes − 1, of which there are %d"
                            .formatted(classes));
        }
        Tensor each = range(x, classes);
        return Pointwise.compare(
                Kind.WHOLE, Arrangements.unsqueezed(x, -1), each, (a, b) -> a == b ? 1 : 0);
    }

    private static Tensor range(Tensor any, int count) {
        double[] places = any.tape().full(Kind.WHOLE, Shape.of(count), 0).toArray();
        Arrays.setAll(places, i -> i);
        return any.tape().constant(Kind.WHOLE, Shape.of(count), places);
    }

    private static void casts(Repertoire all) {
        cast(all, "float double", Kind.REAL);
        cast(all, "long int", Kind.WHOLE);
        cast(all, "bool", Kind.BOOL);
        all.tensor(
                "type_as",
                "input, other",
                call -> call.tensor("input").as(call.tensor("other").kind()));
        all.tensor(
                "to type",
                "input, first?, second?, dtype?, ~device, ~non_blocking, ~copy, ~memory_format",
                Creations::cast);
        all.tensor("detach", "input", call -> call.tensor("input").held());
        all.tensor("clone contiguous cpu", "input, ~memory_format", call -> call.tensor("input"));
    }

    private static void cast(Repertoire all, String names, Kind kind) {
        all.tensor(names, "input, ~memory_format", call -> call.tensor("input").as(kind));
    }

    /// `to(dtype)`, `to(device, dtype)` or `to(other)`.
    private static Tensor cast(Call call) {
        Tensor x = call.tensor("input");
        for (String name : List.of("first", "second", "dtype")) {
            Optional<Kind> kind = call.maybe(name).flatMap(Creations::kind);
            if (kind.isPresent()) {
                return x.as(kind.get());
            }
        }
        return x;
    }

    private static Optional<Kind> kind(Value value) {
        return switch (value) {
            case Value.OfKind(Kind kind) -> Optional.of(kind);
            case Value.Numbers(Tensor other, boolean _) -> Optional.of(other.kind());
            case Value.Place _ -> Optional.empty();
            case Value.Text(String text) when text.equals("cpu") -> Optional.empty();
            case Value.Text _,
                    Value.Items _,
                    Value.Entries _,
                    Value.None _,
                    Value.Slice _,
                    Value.Ellipsis _ ->
                    throw new IllegalArgumentException(
                            "goes to %s; it must go to a dtype, a tensor or the device 'cpu'"
                                    .formatted(value.describe()));
        };
    }

    private static void facts(Repertoire all) {
        all.add("getattr", "input, name", call -> Attributes.of(call.value("input"), name(call)));
        all.add("size", "input, dim?", Creations::size2);
        all.add("numel nelement", "input", call -> fact(call, call.tensor("input").size()));
        all.add("dim ndimension", "input", call -> fact(call, shape(call).rank()));
        all.add(
                "is_floating_point",
                "input",
                call ->
                        new Value.Numbers(
                                call.tape()
                                        .number(
                                                Kind.BOOL,
                                                call.tensor("input").kind() == Kind.REAL ? 1 : 0),
                                true));
    }

    private static String name(Call call) {
        return call.text("name", "");
    }

    private static Value fact(Call call, int value) {
        return Value.whole(call.tensor("input"), value);
    }

    private static Value size2(Call call) {
        Shape shape = shape(call);
        if (!call.has("dim")) {
            return Value.ofShape(call.tensor("input"), shape);
        }
        int axis = shape.axis(call.whole("dim"));
        if (shape.rank() == 0) {
            throw new IllegalArgumentException("asks for a dimension of a single number");
        }
        return fact(call, shape.length(axis));
    }
}
