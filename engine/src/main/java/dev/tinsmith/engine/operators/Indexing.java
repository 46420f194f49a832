package dev.tinsmith.engine.operators;

import dev.tinsmith.engine.graph.Call;
import dev.tinsmith.engine.graph.Repertoire;
import dev.tinsmith.engine.graph.Value;
import dev.tinsmith.engine.tensor.Kind;
import dev.tinsmith.engine.tensor.Picks;
import dev.tinsmith.engine.tensor.Shape;
import dev.tinsmith.engine.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;

/// Parts of a tensor, and choices between two.
final class Indexing {
    private Indexing() {}

    static void into(Repertoire all) {
        all.add("getitem", "input, index", Indexing::item);
        all.tensor("where", "condition, input, other", Indexing::where);
        all.tensor(
                "masked_fill",
                "input, mask, value",
                call ->
                        cast(
                                Picks.chosen(
                                        call.tensor("mask"),
                                        call.tensor("value"),
                                        call.tensor("input")),
                                call));
        all.add(
                "masked_select",
                "input, mask",
                call -> Value.of(masked(call.tensor("input"), call.tensor("mask"))));
        all.tensor("tril", "input, diagonal?", call -> triangle(call, -1));
        all.tensor("triu", "input, diagonal?", call -> triangle(call, 1));
        all.tensor("pad", "input, pad, mode?, value?", Indexing::padded);
    }

    /// Of a list, of a dictionary's kin, or of a tensor.
    private static Value item(Call call) {
        return switch (call.value("input")) {
            case Value.Numbers(Tensor x, boolean _) ->
                    Value.of(Subscript.of(x, call.orNone("index")));
            case Value.Items items -> item(items, call);
            case Value.Entries _,
                    Value.None _,
                    Value.Text _,
                    Value.Slice _,
                    Value.Ellipsis _,
                    Value.OfKind _,
                    Value.Place _ ->
                    throw new IllegalArgumentException(
                            "'input' is %s; it must be a tensor or a tuple"
                                    .formatted(call.value("input").describe()));
        };
    }

    private static Value item(Value.Items items, Call call) {
        int count = items.items().size();
        if (call.orNone("index") instanceof Value.Slice slice) {
            Subscript.Range range = Subscript.Range.of(slice, count);
            List<Value> some =
                    IntStream.range(0, range.count())
                            .mapToObj(i -> items.items().get(range.start() + i * range.step()))
                            .toList();
            return new Value.Items(items.tuple(), some, List.of());
        }
        int place = call.whole("index");
        if (place < -count || place >= count) {
            throw new IllegalArgumentException("takes item %d of %d".formatted(place, count));
        }
        return items.items().get(place < 0 ? place + count : place);
    }

    private static Tensor where(Call call) {
        return Picks.chosen(call.tensor("condition"), call.tensor("input"), call.tensor("other"));
    }

    private static Tensor masked(Tensor x, Tensor mask) {
        Shape shape = x.shape().spread(mask.shape());
        return Subscript.of(
                Picks.spread(x, shape), Value.of(Picks.spread(mask.as(Kind.BOOL), shape)));
    }

    /// What fills a mask takes the kind of what is filled.
    private static Tensor cast(Tensor filled, Call call) {
        return filled.as(call.tensor("input").kind());
    }

    private static Tensor triangle(Call call, int side) {
        Tensor x = call.tensor("input");
        int rank = x.shape().rank();
        if (rank < 2) {
            throw new IllegalArgumentException(
                    "has the shape %s; it needs two dimensions".formatted(x.shape()));
        }
        int diagonal = call.whole("diagonal", 0);
        int[] rows = x.shape().places(rank - 2);
        int[] columns = x.shape().places(rank - 1);
        int[] where = x.shape().offsets(0, x.shape().strides());
        for (int i = 0; i < where.length; i++) {
            int off = columns[i] - rows[i] - diagonal;
            where[i] = off * side >= 0 ? where[i] : -1;
        }
        return Picks.from(x, x.shape(), where, 0);
    }

    /// Pairs for the last dimension, the one before it, and so on: how much before, how much after.
    private static Tensor padded(Call call) {
        if (!call.text("mode", "constant").equals("constant")) {
            throw new IllegalArgumentException(
                    "'mode' is '%s'; only 'constant' is supported here"
                            .formatted(call.text("mode", "")));
        }
        Tensor x = call.tensor("input");
        List<Integer> pads = call.wholes("pad");
        if (pads.size() % 2 != 0 || pads.size() / 2 > x.shape().rank()) {
            throw new IllegalArgumentException(
                    "'pad' is %s; it must have two numbers for each of the last dimensions of the shape %s"
                            .formatted(pads, x.shape()));
        }
        for (int pair = 0; pair < pads.size() / 2; pair++) {
            int axis = x.shape().rank() - 1 - pair;
            x = padded(x, axis, pads.get(2 * pair), pads.get(2 * pair + 1), call.real("value", 0));
        }
        return x;
    }

    private static Tensor padded(Tensor x, int axis, int before, int after, double value) {
        Tensor edge = x.tape().full(x.kind(), x.shape().with(axis, Math.max(0, before)), value);
        Tensor end = x.tape().full(x.kind(), x.shape().with(axis, Math.max(0, after)), value);
        int start = Math.max(0, -before);
        int count = x.shape().length(axis) - start - Math.max(0, -after);
        if (count < 0) {
            throw new IllegalArgumentException(
                    "'pad' takes more from dimension %d of the shape %s than it has"
                            .formatted(axis, x.shape()));
        }
        return Picks.joined(List.of(edge, Picks.sliced(x, axis, start, count, 1), end), axis);
    }
}
