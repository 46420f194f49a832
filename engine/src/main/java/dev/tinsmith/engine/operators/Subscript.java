package dev.tinsmith.engine.operators;

import dev.tinsmith.engine.graph.Value;
import dev.tinsmith.engine.tensor.Kind;
import dev.tinsmith.engine.tensor.Picks;
import dev.tinsmith.engine.tensor.Ranks;
import dev.tinsmith.engine.tensor.Shape;
import dev.tinsmith.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// `x[…]`: integers, slices, `None`, `...`, and tensors of places or masks.
///
/// Read in one walk over the index: what is plain moves the start and sets the stride of a
/// dimension; places are added up cell by cell, in dimensions of their own.
final class Subscript {
    private final Tensor x;
    private final int[] strides;
    private int axis;
    private int base;
    private final List<Integer> before = new ArrayList<>();
    private final List<Integer> steps = new ArrayList<>();
    private final List<Tensor> places = new ArrayList<>();
    private final List<Integer> alongs = new ArrayList<>();
    private int placedAt = -1;
    private boolean closed;

    private Subscript(Tensor x) {
        this.x = x;
        this.strides = x.shape().strides();
    }

    /// Where a slice goes.
    record Range(int start, int count, int step) {
        static Range of(Value.Slice slice, int length) {
            int step = end(slice.step(), 1);
            if (step < 1) {
                throw new IllegalArgumentException(
                        "a slice has the step %d; it must be at least 1".formatted(step));
            }
            int start = inside(end(slice.start(), 0), length);
            int stop = inside(end(slice.stop(), length), length);
            return new Range(start, Math.max(0, Math.ceilDiv(stop - start, step)), step);
        }

        private static int end(Value value, int otherwise) {
            if (value instanceof Value.Numbers(Tensor tensor, boolean _)) {
                return (int) tensor.only();
            }
            if (value instanceof Value.None) {
                return otherwise;
            }
            throw new IllegalArgumentException(
                    "a slice ends at %s; it must end at integers".formatted(value.describe()));
        }

        private static int inside(int given, int length) {
            return Math.clamp(given < 0 ? given + (long) length : given, 0, length);
        }
    }

    static Tensor of(Tensor x, Value index) {
        List<Value> parts =
                index instanceof Value.Items items && items.tuple()
                        ? items.items()
                        : List.of(index);
        Subscript subscript = new Subscript(x);
        int taken = parts.stream().mapToInt(Subscript::dimensions).sum();
        if (taken > x.shape().rank()) {
            throw new IllegalArgumentException(
                    "has %d indices for the shape %s".formatted(taken, x.shape()));
        }
        int left = x.shape().rank() - taken;
        boolean open = true;
        for (Value part : parts) {
            if (part instanceof Value.Ellipsis && open) {
                subscript.rest(left);
                open = false;
            } else {
                subscript.take(part);
            }
        }
        subscript.rest(open ? left : 0);
        return subscript.picked();
    }

    /// How many dimensions of `x` an index uses up.
    private static int dimensions(Value part) {
        return switch (part) {
            case Value.None _, Value.Ellipsis _ -> 0;
            case Value.Numbers(Tensor tensor, boolean _) ->
                    tensor.kind() == Kind.BOOL ? tensor.shape().rank() : 1;
            case Value.Items _,
                    Value.Entries _,
                    Value.Text _,
                    Value.Slice _,
                    Value.OfKind _,
                    Value.Place _ ->
                    1;
        };
    }

    private void rest(int count) {
        for (int i = 0; i < count; i++) {
            dimension(new Range(0, x.shape().length(axis), 1));
        }
    }

    private void take(Value part) {
        switch (part) {
            case Value.None _ -> {
                before.add(1);
                steps.add(0);
                close();
            }
            case Value.Slice slice -> dimension(Range.of(slice, x.shape().length(axis)));
            case Value.Numbers(Tensor tensor, boolean _) -> take(tensor);
            case Value.Items items -> take(listed(items));
            case Value.Ellipsis _, Value.Entries _, Value.Text _, Value.OfKind _, Value.Place _ ->
                    throw new IllegalArgumentException(
                            "an index is %s; it must be an integer, a slice, None, ... or a tensor"
                                    .formatted(part.describe()));
        }
    }

    private void dimension(Range range) {
        base += range.count() == 0 ? 0 : range.start() * strides[axis];
        before.add(range.count());
        steps.add(range.step() * strides[axis]);
        axis++;
        close();
    }

    private void close() {
        closed |= placedAt >= 0;
    }

    private void take(Tensor index) {
        switch (index.kind()) {
            case BOOL -> mask(index);
            case WHOLE, REAL -> {
                if (index.shape().rank() == 0) {
                    base += strides[axis] * Ranks.inside(index.only(), x.shape(), axis);
                    axis++;
                } else if (index.kind() == Kind.WHOLE || index.size() == 0) {
                    place(index);
                } else {
                    throw new IllegalArgumentException(
                            "an index is a tensor of fractions; use long() or a mask");
                }
            }
        }
    }

    /// The places of a mask, one list for each of its dimensions.
    private void mask(Tensor mask) {
        Shape own = mask.shape();
        for (int i = 0; i < own.rank(); i++) {
            if (own.length(i) != x.shape().length(axis + i)) {
                throw new IllegalArgumentException(
                        "a mask of the shape %s does not fit the shape %s"
                                .formatted(own, x.shape()));
            }
        }
        if (own.rank() == 0) {
            throw new IllegalArgumentException("an index is a single truth; use where");
        }
        int[] set = IntStream.range(0, mask.size()).filter(cell -> mask.at(cell) != 0).toArray();
        for (int i = 0; i < own.rank(); i++) {
            int[] along = own.places(i);
            double[] listed = new double[set.length];
            Arrays.setAll(listed, cell -> along[set[cell]]);
            place(x.tape().constant(Kind.WHOLE, Shape.of(set.length), listed));
        }
    }

    /// Where plain dimensions stand between two lists of places, these come first in the result.
    private void place(Tensor index) {
        placedAt = closed ? 0 : placedAt >= 0 ? placedAt : before.size();
        Shape shape = x.shape();
        int[] inside = new int[index.size()];
        for (int i = 0; i < inside.length; i++) {
            inside[i] = Ranks.inside(index.at(i), shape, axis);
        }
        double[] checked = Arrays.stream(inside).asDoubleStream().toArray();
        places.add(x.tape().constant(Kind.WHOLE, index.shape(), checked));
        alongs.add(strides[axis]);
        axis++;
    }

    private Tensor listed(Value.Items items) {
        List<Tensor> each = new ArrayList<>();
        for (Value item : items.items()) {
            if (item instanceof Value.Numbers(Tensor tensor, boolean _)
                    && tensor.shape().rank() == 0) {
                each.add(Arrangements.unsqueezed(tensor, 0));
            } else {
                throw new IllegalArgumentException(
                        "an index is a list with %s in it; it must hold integers"
                                .formatted(item.describe()));
            }
        }
        return each.isEmpty() ? x.tape().constant(Kind.WHOLE, Shape.of(0)) : Picks.joined(each, 0);
    }

    private Tensor picked() {
        if (places.isEmpty()) {
            return Picks.strided(x, new Shape(before), base, ints(steps));
        }
        Shape common = places.stream().map(Tensor::shape).reduce(Shape.NUMBER, Shape::spread);
        double[] offsets = new double[(int) common.count()];
        for (int i = 0; i < places.size(); i++) {
            Tensor spread = Picks.spread(places.get(i), common);
            for (int cell = 0; cell < offsets.length; cell++) {
                offsets[cell] += spread.at(cell) * alongs.get(i);
            }
        }
        List<Integer> lengths = new ArrayList<>(before);
        lengths.addAll(placedAt, common.lengths());
        List<Integer> plain = new ArrayList<>(steps);
        plain.addAll(placedAt, common.lengths().stream().map(_ -> 0).toList());
        Shape shape = new Shape(lengths);
        int[] where = Picks.places(shape, base, ints(plain));
        int[] cells = new int[shape.rank()];
        System.arraycopy(common.strides(), 0, cells, placedAt, common.rank());
        int[] which = Picks.places(shape, 0, cells);
        for (int i = 0; i < where.length; i++) {
            where[i] += (int) offsets[which[i]];
        }
        return Picks.from(x, shape, where, 0);
    }

    private static int[] ints(List<Integer> list) {
        return list.stream().mapToInt(n -> n).toArray();
    }
}
