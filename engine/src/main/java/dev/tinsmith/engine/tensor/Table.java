package dev.tinsmith.engine.tensor;

import java.util.Arrays;
import java.util.List;

/// An immutable table of numbers in a shape of up to two dimensions, row-major: what a loss of the
/// client's own reads.
public final class Table {
    private final boolean whole;
    private final List<Integer> shape;
    private final double[] values;

    private Table(boolean whole, List<Integer> shape, double[] values) {
        long count = 1;
        for (int length : shape) {
            count = Math.multiplyExact(count, (long) length);
        }
        if (shape.size() > 2 || count != values.length) {
            throw new IllegalArgumentException(
                    "%d values do not fit the shape %s of at most two dimensions"
                            .formatted(values.length, shape));
        }
        this.whole = whole;
        this.shape = List.copyOf(shape);
        this.values = values;
    }

    /// Copies `values`.
    ///
    /// @param whole whether they are integers, and counted as such
    public static Table of(boolean whole, List<Integer> shape, double... values) {
        return new Table(whole, shape, values.clone());
    }

    /// Whether its values are integers.
    public boolean whole() {
        return whole;
    }

    /// How long it is in each dimension; empty for a single number.
    public List<Integer> shape() {
        return shape;
    }

    /// How many values.
    public int length() {
        return values.length;
    }

    /// The value at `cell`, row-major.
    public double at(int cell) {
        return values[cell];
    }

    /// A fresh copy, the caller's to change.
    public double[] toArray() {
        return values.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Table that
                && whole == that.whole
                && shape.equals(that.shape)
                && Arrays.equals(values, that.values);
    }

    @Override
    public int hashCode() {
        return 31 * shape.hashCode() + Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return (whole ? "integers" : "numbers") + shape;
    }
}
