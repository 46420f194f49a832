package dev.tinsmith.engine.tensor;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;

/// How long a tensor is in each of its dimensions; a single number has none. Row-major.
public record Shape(List<Integer> lengths) {
    private static final int MAX_RANK = 6;

    /// That of a single number.
    public static final Shape NUMBER = new Shape(List.of());

    public Shape {
        lengths = List.copyOf(lengths);
        if (lengths.size() > MAX_RANK) {
            throw new IllegalArgumentException(
                    "the shape %s has %d dimensions; there may be %d"
                            .formatted(lengths, lengths.size(), MAX_RANK));
        }
        if (lengths.stream().anyMatch(length -> length < 0)) {
            throw new IllegalArgumentException(
                    "the shape %s has a negative length; each must be at least 0"
                            .formatted(lengths));
        }
    }

    /// The shape of these lengths.
    public static Shape of(Integer... lengths) {
        return new Shape(List.of(lengths));
    }

    /// How many dimensions.
    public int rank() {
        return lengths.size();
    }

    /// How long in dimension `axis`.
    public int length(int axis) {
        return lengths.get(axis);
    }

    /// How many values; a shape too large for that has all of a long.
    public long count() {
        long count = 1;
        for (int length : lengths) {
            long more = Math.multiplyHigh(count, length);
            count = more != 0 || count * length < 0 ? Long.MAX_VALUE : count * length;
        }
        return count;
    }

    int size() {
        return Math.toIntExact(count());
    }

    /// The dimension that `given` means, which counts from the end if it is negative.
    ///
    /// @throws IllegalArgumentException if there is none
    public int axis(int given) {
        int dimensions = Math.max(rank(), 1);
        if (given < -dimensions || given >= dimensions) {
            throw new IllegalArgumentException(
                    "dim is %d; a tensor of the shape %s has %d to %d"
                            .formatted(given, lengths, -dimensions, dimensions - 1));
        }
        return given < 0 ? given + dimensions : given;
    }

    /// This shape with `length` in dimension `axis`.
    public Shape with(int axis, int length) {
        List<Integer> changed = new ArrayList<>(lengths);
        changed.set(axis, length);
        return new Shape(changed);
    }

    /// This shape with another dimension before `axis`.
    public Shape inserted(int axis, int length) {
        List<Integer> changed = new ArrayList<>(lengths);
        changed.add(axis, length);
        return new Shape(changed);
    }

    /// This shape without some dimensions, or with a length of 1 in each.
    public Shape without(Collection<Integer> axes, boolean keep) {
        List<Integer> left = new ArrayList<>();
        for (int axis = 0; axis < rank(); axis++) {
            if (!axes.contains(axis)) {
                left.add(length(axis));
            } else if (keep) {
                left.add(1);
            }
        }
        return new Shape(left);
    }

    /// All dimensions.
    public List<Integer> axes() {
        return IntStream.range(0, rank()).boxed().toList();
    }

    /// The smallest shape that both can be spread to.
    ///
    /// @throws IllegalArgumentException if there is none
    public Shape spread(Shape other) {
        int rank = Math.max(rank(), other.rank());
        List<Integer> spread = new ArrayList<>();
        for (int axis = 0; axis < rank; axis++) {
            int mine = fromEnd(rank - axis);
            int theirs = other.fromEnd(rank - axis);
            if (mine != theirs && mine != 1 && theirs != 1) {
                throw new IllegalArgumentException(
                        "the shapes %s and %s do not go together; each length must be the same, or 1"
                                .formatted(lengths, other.lengths));
            }
            spread.add(mine == 1 ? theirs : mine);
        }
        return new Shape(spread);
    }

    private int fromEnd(int places) {
        return places > rank() ? 1 : length(rank() - places);
    }

    /// How far apart neighbours are, for each dimension.
    public int[] strides() {
        int[] strides = new int[rank()];
        int stride = 1;
        for (int axis = rank() - 1; axis >= 0; axis--) {
            strides[axis] = stride;
            stride *= length(axis);
        }
        return strides;
    }

    /// The strides with which this shape is read as if it were `to`, to which it can be spread.
    public int[] stridesIn(Shape to) {
        int[] own = strides();
        int[] strides = new int[to.rank()];
        int skipped = to.rank() - rank();
        for (int axis = 0; axis < rank(); axis++) {
            strides[skipped + axis] = length(axis) == 1 ? 0 : own[axis];
        }
        return strides;
    }

    /// For each cell of this shape, which cell of `small` it is made from.
    int[] cellsOf(Shape small) {
        return offsets(0, small.stridesIn(this));
    }

    /// For each cell of this shape, the sum of `base` and its strides.
    public int[] offsets(int base, int... strides) {
        int[] offsets = new int[size()];
        int[] at = new int[rank()];
        int offset = base;
        for (int cell = 0; cell < offsets.length; cell++) {
            offsets[cell] = offset;
            for (int axis = rank() - 1; axis >= 0; axis--) {
                offset += strides[axis];
                if (++at[axis] < length(axis)) {
                    break;
                }
                offset -= at[axis] * strides[axis];
                at[axis] = 0;
            }
        }
        return offsets;
    }

    /// For each cell, the cell of [#without] that it falls into.
    int[] folded(Collection<Integer> axes) {
        int[] strides = without(axes, true).strides();
        axes.forEach(axis -> strides[axis] = 0);
        return offsets(0, strides);
    }

    /// For each cell, its place along `axis`.
    public int[] places(int axis) {
        int[] strides = new int[rank()];
        strides[axis] = 1;
        return offsets(0, strides);
    }

    @Override
    public String toString() {
        return lengths.toString();
    }
}
