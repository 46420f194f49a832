package dev.tinsmith.engine.tensor;

import java.util.Arrays;
import java.util.List;

/// Operations that compute nothing: each value of the result is one of a source, or is given.
public final class Picks {
    private Picks() {}

    /// Row-major, the cells of `x` at `where`; a negative place means `fill`.
    public static Tensor from(Tensor x, Shape shape, int[] where, double fill) {
        double[] made = x.tape().room(shape);
        for (int i = 0; i < made.length; i++) {
            made[i] = where[i] < 0 ? fill : x.at(where[i]);
        }
        return x.tape()
                .made(
                        x.kind(),
                        shape,
                        made,
                        List.of(x),
                        slopes -> {
                            double[] into = x.slopes();
                            for (int i = 0; i < slopes.length; i++) {
                                if (where[i] >= 0) {
                                    into[where[i]] += slopes[i];
                                }
                            }
                        });
    }

    /// The cells of `x` that lie `strides` apart from the one at `base` on.
    public static Tensor strided(Tensor x, Shape shape, int base, int... strides) {
        return from(x, shape, places(shape, base, strides), 0);
    }

    /// For each cell of `shape`, the sum of `base` and its strides.
    public static int[] places(Shape shape, int base, int... strides) {
        Tape.bounded(shape);
        return shape.offsets(base, strides);
    }

    /// The same values in the same order.
    public static Tensor reshaped(Tensor x, Shape shape) {
        if (shape.count() != x.size()) {
            throw new IllegalArgumentException(
                    "%d values of the shape %s do not fit the shape %s"
                            .formatted(x.size(), x.shape(), shape));
        }
        return strided(x, shape, 0, shape.strides());
    }

    /// `x` over and over, to fill `shape`.
    public static Tensor spread(Tensor x, Shape shape) {
        if (!x.shape().spread(shape).equals(shape)) {
            throw new IllegalArgumentException(
                    "the shape %s cannot be spread to %s".formatted(x.shape(), shape));
        }
        return strided(x, shape, 0, x.shape().stridesIn(shape));
    }

    /// The dimensions of `x` in another order.
    public static Tensor permuted(Tensor x, List<Integer> order) {
        int[] own = x.shape().strides();
        int[] strides = order.stream().mapToInt(axis -> own[axis]).toArray();
        Shape shape = new Shape(order.stream().map(axis -> x.shape().length(axis)).toList());
        return strided(x, shape, 0, strides);
    }

    /// Every `step`th of `x` along `axis`, `count` of them.
    public static Tensor sliced(Tensor x, int axis, int start, int count, int step) {
        int[] strides = x.shape().strides();
        int base = count == 0 ? 0 : start * strides[axis];
        strides[axis] *= step;
        return strided(x, x.shape().with(axis, count), base, strides);
    }

    /// One after the other along `axis`; they agree in all other dimensions.
    public static Tensor joined(List<Tensor> parts, int axis) {
        Shape first = parts.getFirst().shape();
        int length = parts.stream().mapToInt(part -> part.shape().length(axis)).sum();
        Shape shape = first.with(axis, length);
        Tape.bounded(shape);
        int[] which = new int[shape.size()];
        int[] where = new int[shape.size()];
        int[] strides = shape.strides();
        int begin = 0;
        for (int part = 0; part < parts.size(); part++) {
            Shape own = parts.get(part).shape();
            int[] cells = own.offsets(begin * strides[axis], strides);
            for (int cell = 0; cell < cells.length; cell++) {
                which[cells[cell]] = part;
                where[cells[cell]] = cell;
            }
            begin += own.length(axis);
        }
        return among(parts, shape, which, where);
    }

    /// Of `a` where `condition` is not 0 and of `b` elsewhere, all three spread to one shape.
    public static Tensor chosen(Tensor condition, Tensor a, Tensor b) {
        Shape shape = condition.shape().spread(a.shape()).spread(b.shape());
        Tape.bounded(shape);
        int[] tested = shape.cellsOf(condition.shape());
        int[] fromA = shape.cellsOf(a.shape());
        int[] fromB = shape.cellsOf(b.shape());
        int[] which = new int[tested.length];
        int[] where = new int[tested.length];
        for (int i = 0; i < which.length; i++) {
            which[i] = condition.at(tested[i]) != 0 ? 0 : 1;
            where[i] = which[i] == 0 ? fromA[i] : fromB[i];
        }
        return among(List.of(a, b), shape, which, where);
    }

    private static Tensor among(List<Tensor> sources, Shape shape, int[] which, int[] where) {
        Tape tape = sources.getFirst().tape();
        double[] made = tape.room(shape);
        Arrays.setAll(made, i -> sources.get(which[i]).at(where[i]));
        Kind kind = sources.stream().map(Tensor::kind).reduce(Kind.BOOL, Kind::with);
        return tape.made(
                kind,
                shape,
                made,
                sources,
                slopes -> {
                    for (int i = 0; i < slopes.length; i++) {
                        Tensor source = sources.get(which[i]);
                        if (source.followed()) {
                            source.slopes()[where[i]] += slopes[i];
                        }
                    }
                });
    }
}
