package dev.tinsmith.engine.operators;

import dev.tinsmith.engine.graph.Call;
import dev.tinsmith.engine.graph.Repertoire;
import dev.tinsmith.engine.graph.Value;
import dev.tinsmith.engine.tensor.Folds;
import dev.tinsmith.engine.tensor.Kind;
import dev.tinsmith.engine.tensor.Picks;
import dev.tinsmith.engine.tensor.Ranks;
import dev.tinsmith.engine.tensor.Shape;
import dev.tinsmith.engine.tensor.Tensor;
import java.util.List;

/// Which values are the largest, and where they are.
final class Orderings {
    private Orderings() {}

    static void into(Repertoire all) {
        all.add("max", "input, dim?, keepdim?, other?", call -> extreme(call, true));
        all.add("min", "input, dim?, keepdim?, other?", call -> extreme(call, false));
        all.tensor("argmax", "input, dim?, keepdim?", call -> place(call, true));
        all.tensor("argmin", "input, dim?, keepdim?", call -> place(call, false));
        all.add("sort", "input, dim?, descending?, ~stable", call -> sorted(call));
        all.tensor(
                "argsort",
                "input, dim?, descending?, ~stable",
                call -> Ranks.order(line(call), axis(call), call.flag("descending", false)));
        all.add("topk", "input, k, dim?, largest?, ~sorted", Orderings::top);
        all.tensor(
                "gather",
                "input, dim, index, ~sparse_grad",
                call -> Ranks.taken(line(call), axis(call), call.tensor("index")));
        all.tensor("take_along_dim", "input, indices, dim", Orderings::alongDim);
        all.tensor("index_select", "input, dim, index", Orderings::selected);
    }

    /// A single number is a line of one.
    private static Tensor line(Call call) {
        Tensor x = call.tensor("input");
        return x.shape().rank() == 0 ? Picks.reshaped(x, Shape.of(1)) : x;
    }

    private static int axis(Call call) {
        return line(call).shape().axis(call.whole("dim", -1));
    }

    private static Value pair(Tensor values, Tensor indices) {
        return new Value.Items(
                true, List.of(Value.of(values), Value.of(indices)), List.of("values", "indices"));
    }

    /// Of all, along a dimension, or of two tensors: PyTorch has one name for the three.
    private static Value extreme(Call call, boolean largest) {
        Tensor x = call.tensor("input");
        boolean two = call.has("other") || (call.has("dim") && !call.isNumber("dim"));
        if (two) {
            Tensor other = call.tensor(call.has("other") ? "other" : "dim");
            return Value.of(Arithmetic.extreme(x, other, largest));
        }
        if (!call.has("dim")) {
            return Value.of(Folds.extreme(x, x.shape().axes(), false, largest));
        }
        Tensor where = Ranks.place(line(call), axis(call), largest);
        Tensor values = Ranks.taken(line(call), axis(call), where);
        return pair(without(values, call), without(where, call));
    }

    private static Tensor without(Tensor kept, Call call) {
        boolean keep = call.flag("keepdim", false) && call.tensor("input").shape().rank() > 0;
        return keep ? kept : Picks.reshaped(kept, kept.shape().without(List.of(axis(call)), false));
    }

    private static Tensor place(Call call, boolean largest) {
        if (call.has("dim")) {
            return without(Ranks.place(line(call), axis(call), largest), call);
        }
        Tensor flat = Picks.reshaped(line(call), Shape.of(line(call).size()));
        return Picks.reshaped(Ranks.place(flat, 0, largest), Shape.NUMBER);
    }

    private static Value sorted(Call call) {
        Tensor order = Ranks.order(line(call), axis(call), call.flag("descending", false));
        return pair(Ranks.taken(line(call), axis(call), order), order);
    }

    private static Value top(Call call) {
        Tensor x = line(call);
        int axis = axis(call);
        int k = call.whole("k");
        if (k < 0 || k > x.shape().length(axis)) {
            throw new IllegalArgumentException(
                    "'k' is %d; dimension %d of the shape %s has 0 to %d"
                            .formatted(k, axis, x.shape(), x.shape().length(axis)));
        }
        Tensor order = Ranks.order(x, axis, call.flag("largest", true));
        Tensor first = Picks.sliced(order, axis, 0, k, 1);
        return pair(Ranks.taken(x, axis, first), first);
    }

    private static Tensor alongDim(Call call) {
        Tensor x = line(call);
        int axis = axis(call);
        Tensor indices = call.tensor("indices");
        return Ranks.taken(
                Picks.spread(x, indices.shape().with(axis, 1).spread(x.shape())),
                axis,
                Picks.spread(indices, x.shape().with(axis, 1).spread(indices.shape())));
    }

    private static Tensor selected(Call call) {
        Tensor x = line(call);
        Tensor index = call.tensor("index").as(Kind.WHOLE);
        if (index.shape().rank() > 1) {
            throw new IllegalArgumentException(
                    "'index' has the shape %s; it must have one dimension"
                            .formatted(index.shape()));
        }
        int axis = axis(call);
        Shape shape = x.shape().with(axis, index.size());
        int[] strides = new int[shape.rank()];
        strides[axis] = 1;
        return Ranks.taken(x, axis, Picks.strided(index, shape, 0, strides));
    }
}
