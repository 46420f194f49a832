package dev.tinsmith.engine.operators;

import dev.tinsmith.engine.graph.Call;
import dev.tinsmith.engine.graph.Repertoire;
import dev.tinsmith.engine.graph.Value;
import dev.tinsmith.engine.tensor.Picks;
import dev.tinsmith.engine.tensor.Shape;
import dev.tinsmith.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// The same values in another shape or order, or several tensors as one.
final class Arrangements {
    private Arrangements() {}

    static void into(Repertoire all) {
        all.tensor(
                "reshape view",
                "input, *shape",
                call -> reshaped(call.tensor("input"), call.wholes("shape")));
        all.tensor(
                "reshape_as view_as",
                "input, other",
                call -> Picks.reshaped(call.tensor("input"), call.tensor("other").shape()));
        all.tensor("flatten ravel", "input, start_dim?, end_dim?", Arrangements::flattened);
        all.tensor("squeeze", "input, dim?", Arrangements::squeezed);
        all.tensor("unsqueeze", "input, dim", Arrangements::unsqueezed);
        all.tensor(
                "transpose swapaxes swapdims",
                "input, dim0, dim1",
                call -> swapped(call.tensor("input"), call.whole("dim0"), call.whole("dim1")));
        all.tensor("t", "input", call -> reversed(call.tensor("input")));
        all.tensor("permute", "input, *dims", Arrangements::permuted);
        all.tensor(
                "expand broadcast_to",
                "input, *size",
                call -> expanded(call.tensor("input"), call.wholes("size")));
        all.tensor(
                "expand_as",
                "input, other",
                call -> Picks.spread(call.tensor("input"), call.tensor("other").shape()));
        all.tensor("repeat tile", "input, *repeats", Arrangements::repeated);
        all.tensor("flip", "input, *dims", Arrangements::flipped);
        all.tensor("roll", "input, shifts, dim?", Arrangements::rolled);
        all.tensor("stack", "tensors, dim?", Arrangements::stacked);
        all.tensor("cat concat concatenate", "tensors, dim?", Arrangements::joined);
        all.add("unbind", "input, dim?", call -> parts(call, 1));
        all.add("split", "input, split_size, dim?", call -> parts(call, call.whole("split_size")));
        all.add("chunk", "input, chunks, dim?", Arrangements::chunks);
        all.tensor("narrow", "input, dim, start, length", Arrangements::narrowed);
        all.tensor("diff", "input", Arrangements::differences);
        all.tensor("outer", "input, vec2", Arrangements::outer);
    }

    static Tensor reshaped(Tensor x, List<Integer> lengths) {
        List<Integer> filled = new ArrayList<>(lengths);
        int open = filled.indexOf(-1);
        if (open >= 0) {
            long others =
                    filled.stream()
                            .filter(length -> length != -1)
                            .mapToLong(n -> n)
                            .reduce(1, (a, b) -> a * b);
            filled.set(open, others == 0 ? 0 : (int) (x.size() / others));
        }
        return Picks.reshaped(x, new Shape(filled));
    }

    private static Tensor flattened(Call call) {
        Tensor x = call.tensor("input");
        if (x.shape().rank() == 0) {
            return Picks.reshaped(x, Shape.of(1));
        }
        int from = x.shape().axis(call.whole("start_dim", 0));
        int to = x.shape().axis(call.whole("end_dim", -1));
        List<Integer> lengths = new ArrayList<>(x.shape().lengths());
        List<Integer> together = lengths.subList(from, to + 1);
        int length = together.stream().reduce(1, (a, b) -> a * b);
        together.clear();
        lengths.add(from, length);
        return Picks.reshaped(x, new Shape(lengths));
    }

    private static Tensor squeezed(Call call) {
        Tensor x = call.tensor("input");
        List<Integer> axes =
                call.axes("dim", x.shape()).stream()
                        .filter(axis -> x.shape().length(axis) == 1)
                        .toList();
        return Picks.reshaped(x, x.shape().without(axes, false));
    }

    private static Tensor unsqueezed(Call call) {
        return unsqueezed(call.tensor("input"), call.whole("dim"));
    }

    static Tensor unsqueezed(Tensor x, int dim) {
        int axis = x.shape().inserted(0, 1).axis(dim);
        return Picks.reshaped(x, x.shape().inserted(axis, 1));
    }

    static Tensor swapped(Tensor x, int dim0, int dim1) {
        if (x.shape().rank() == 0) {
            return x;
        }
        List<Integer> order = new ArrayList<>(x.shape().axes());
        Collections.swap(order, x.shape().axis(dim0), x.shape().axis(dim1));
        return Picks.permuted(x, order);
    }

    static Tensor reversed(Tensor x) {
        return Picks.permuted(x, x.shape().axes().reversed());
    }

    private static Tensor permuted(Call call) {
        Tensor x = call.tensor("input");
        List<Integer> order = call.axes("dims", x.shape());
        if (order.size() != x.shape().rank()) {
            throw new IllegalArgumentException(
                    "'dims' is %s; it must name each dimension of the shape %s once"
                            .formatted(call.wholes("dims"), x.shape()));
        }
        return Picks.permuted(x, order);
    }

    private static Tensor expanded(Tensor x, List<Integer> lengths) {
        int more = lengths.size() - x.shape().rank();
        List<Integer> filled = new ArrayList<>();
        for (int axis = 0; axis < lengths.size(); axis++) {
            boolean own = lengths.get(axis) == -1 && axis >= more;
            filled.add(own ? x.shape().length(axis - more) : lengths.get(axis));
        }
        return Picks.spread(x, new Shape(filled));
    }

    private static Tensor repeated(Call call) {
        Tensor x = call.tensor("input");
        List<Integer> times = call.wholes("repeats");
        while (x.shape().rank() < times.size()) {
            x = Picks.reshaped(x, x.shape().inserted(0, 1));
        }
        int more = x.shape().rank() - times.size();
        for (int axis = 0; axis < times.size(); axis++) {
            int count = times.get(axis);
            x =
                    count == 0
                            ? Picks.sliced(x, more + axis, 0, 0, 1)
                            : Picks.joined(Collections.nCopies(count, x), more + axis);
        }
        return x;
    }

    private static Tensor flipped(Call call) {
        Tensor x = call.tensor("input");
        int[] strides = x.shape().strides();
        int base = 0;
        for (int axis : call.axes("dims", x.shape())) {
            base += Math.max(0, x.shape().length(axis) - 1) * strides[axis];
            strides[axis] = -strides[axis];
        }
        return Picks.strided(x, x.shape(), base, strides);
    }

    private static Tensor rolled(Call call) {
        Tensor x = call.tensor("input");
        if (!call.has("dim") && x.shape().rank() > 1) {
            throw new IllegalArgumentException("needs 'dim' for a tensor of several dimensions");
        }
        int axis = x.shape().axis(call.whole("dim", 0));
        int length = x.size() == 0 ? 0 : x.shape().length(axis);
        int shift = length == 0 ? 0 : Math.floorMod(call.whole("shifts"), length);
        return shift == 0
                ? x
                : Picks.joined(
                        List.of(
                                Picks.sliced(x, axis, length - shift, shift, 1),
                                Picks.sliced(x, axis, 0, length - shift, 1)),
                        axis);
    }

    private static Tensor stacked(Call call) {
        List<Tensor> parts = required(call);
        for (Tensor part : parts) {
            if (!part.shape().equals(parts.getFirst().shape())) {
                throw new IllegalArgumentException(
                        "stacks the shapes %s and %s; they must be the same"
                                .formatted(parts.getFirst().shape(), part.shape()));
            }
        }
        int dim = call.whole("dim", 0);
        int axis = parts.getFirst().shape().inserted(0, 1).axis(dim);
        return Picks.joined(parts.stream().map(part -> unsqueezed(part, axis)).toList(), axis);
    }

    private static Tensor joined(Call call) {
        List<Tensor> parts = required(call);
        Shape first = parts.getFirst().shape();
        if (first.rank() == 0) {
            throw new IllegalArgumentException("joins single numbers; use stack");
        }
        int axis = first.axis(call.whole("dim", 0));
        for (Tensor part : parts) {
            if (part.shape().rank() != first.rank()
                    || !part.shape().with(axis, 0).equals(first.with(axis, 0))) {
                throw new IllegalArgumentException(
                        "joins the shapes %s and %s; they may differ in dimension %d only"
                                .formatted(first, part.shape(), axis));
            }
        }
        return Picks.joined(parts, axis);
    }

    private static List<Tensor> required(Call call) {
        List<Tensor> parts = call.tensors("tensors");
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("has no tensors to put together");
        }
        return parts;
    }

    /// Pieces along a dimension; of a length of one each the dimension goes too, if it is unbound.
    private static Value parts(Call call, int size) {
        Tensor x = call.tensor("input");
        int axis = x.shape().axis(call.whole("dim", 0));
        if (x.shape().rank() == 0 || size < 1) {
            throw new IllegalArgumentException(
                    "takes pieces of %d from the shape %s; both must be at least 1"
                            .formatted(size, x.shape()));
        }
        boolean unbound = !call.has("split_size") && !call.has("chunks");
        List<Value> parts = new ArrayList<>();
        int length = x.shape().length(axis);
        for (int start = 0; start < length; start += size) {
            Tensor part = Picks.sliced(x, axis, start, Math.min(size, length - start), 1);
            parts.add(
                    Value.of(
                            unbound
                                    ? Picks.reshaped(
                                            part, part.shape().without(List.of(axis), false))
                                    : part));
        }
        return Value.Items.tuple(parts);
    }

    private static Value chunks(Call call) {
        Shape shape = call.tensor("input").shape();
        int length = shape.rank() == 0 ? 1 : shape.length(shape.axis(call.whole("dim", 0)));
        int chunks = Math.max(1, call.whole("chunks"));
        return parts(call, Math.max(1, Math.ceilDiv(length, chunks)));
    }

    private static Tensor narrowed(Call call) {
        Tensor x = call.tensor("input");
        int axis = x.shape().axis(call.whole("dim"));
        int start = call.whole("start");
        int count = call.whole("length");
        if (x.shape().rank() == 0
                || start < 0
                || count < 0
                || count > x.shape().length(axis) - start) {
            throw new IllegalArgumentException(
                    "takes %d from %d on of dimension %d of the shape %s, which is shorter"
                            .formatted(count, start, axis, x.shape()));
        }
        return Picks.sliced(x, axis, start, count, 1);
    }

    private static Tensor differences(Call call) {
        Tensor x = call.tensor("input");
        int axis = x.shape().rank() - 1;
        if (axis < 0) {
            throw new IllegalArgumentException("has a single number; it needs a dimension");
        }
        int count = Math.max(0, x.shape().length(axis) - 1);
        Tensor later = Picks.sliced(x, axis, 1, count, 1);
        return Arithmetic.minus(later, Picks.sliced(x, axis, 0, count, 1));
    }

    private static Tensor outer(Call call) {
        Tensor column = unsqueezed(call.tensor("input"), -1);
        return Arithmetic.times(column, unsqueezed(call.tensor("vec2"), 0));
    }
}
