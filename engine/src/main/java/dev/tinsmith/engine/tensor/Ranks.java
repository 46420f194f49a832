package dev.tinsmith.engine.tensor;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// Which place which value takes along one dimension.
public final class Ranks {
    private Ranks() {}

    /// For each place of the result, at which place of `x` along `axis` its value is; equal values
    /// keep their order.
    public static Tensor order(Tensor x, int axis, boolean descending) {
        int length = x.shape().length(axis);
        int stride = x.shape().strides()[axis];
        double[] made = x.tape().room(x.shape());
        int[] places = x.shape().places(axis);
        Comparator<Integer> up = Comparator.naturalOrder();
        for (int first = 0; first < made.length; first++) {
            if (places[first] == 0) {
                int begin = first;
                Comparator<Integer> byValue =
                        Comparator.comparingDouble(place -> x.at(begin + place * stride));
                List<Integer> order =
                        IntStream.range(0, length)
                                .boxed()
                                .sorted(
                                        (descending ? byValue.reversed() : byValue)
                                                .thenComparing(up))
                                .toList();
                for (int place = 0; place < length; place++) {
                    made[begin + place * stride] = order.get(place);
                }
            }
        }
        return x.tape().made(Kind.WHOLE, x.shape(), made, List.of(), _ -> {});
    }

    /// The first place along `axis` of the largest or the smallest value, as a dimension of 1.
    public static Tensor place(Tensor x, int axis, boolean largest) {
        int length = x.shape().length(axis);
        if (length == 0) {
            throw new IllegalArgumentException(
                    "nothing is the largest or smallest of a tensor of the shape " + x.shape());
        }
        int stride = x.shape().strides()[axis];
        Shape shape = x.shape().with(axis, 1);
        double[] made = x.tape().room(shape);
        int[] begins = shape.offsets(0, x.shape().strides());
        for (int i = 0; i < made.length; i++) {
            int best = 0;
            for (int place = 1; place < length; place++) {
                double now = x.at(begins[i] + place * stride);
                double then = x.at(begins[i] + best * stride);
                best = (largest ? now > then : now < then) ? place : best;
            }
            made[i] = best;
        }
        return x.tape().made(Kind.WHOLE, shape, made, List.of(), _ -> {});
    }

    /// The values of `x` at `places` along `axis`.
    ///
    /// @throws IllegalArgumentException unless both have as many dimensions, and in the others
    ///   `places` is no longer than `x`
    public static Tensor taken(Tensor x, int axis, Tensor places) {
        Shape shape = places.shape();
        if (shape.rank() != x.shape().rank()
                || x.shape().axes().stream()
                        .anyMatch(other ->
                                other != axis && shape.length(other) > x.shape().length(other))) {
            throw new IllegalArgumentException(
                    "an index of the shape %s does not fit a tensor of the shape %s along dimension %d"
                            .formatted(shape, x.shape(), axis));
        }
        int[] strides = x.shape().strides();
        int along = strides[axis];
        strides[axis] = 0;
        int[] where = shape.offsets(0, strides);
        for (int i = 0; i < where.length; i++) {
            where[i] += along * inside(places.at(i), x.shape(), axis);
        }
        return Picks.from(x, shape, where, 0);
    }

    /// The place that `given` means, which counts from the end if it is negative.
    public static int inside(double given, Shape shape, int axis) {
        int length = shape.length(axis);
        int place = (int) given;
        if (place != given || place < -length || place >= length) {
            throw new IllegalArgumentException(
                    "the index %s is outside dimension %d of the shape %s"
                            .formatted(place == given ? place : given, axis, shape));
        }
        return place < 0 ? place + length : place;
    }
}
