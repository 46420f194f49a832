package dev.tinsmith.protocol;

import java.util.Arrays;
import java.util.List;

/// A table of numbers, `rows` × `columns`, row-major and dense, whatever it travelled as.
///
/// Integers of up to 53 bits and every float32 are exact.
public final class TensorData {
    private final Type type;
    private final List<Integer> shape;
    private final double[] values;

    private TensorData(Type type, List<Integer> shape, double[] values) {
        long elements = shape.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
        if (shape.isEmpty() || shape.size() > 2 || elements != values.length) {
            throw new IllegalArgumentException(
                    "has %d values in the shape %s; a tensor has one or two dimensions, and as many values as its shape says"
                            .formatted(values.length, shape));
        }
        this.type = type;
        this.shape = List.copyOf(shape);
        this.values = values;
    }

    /// Copies `values`.
    ///
    /// @throws IllegalArgumentException if the shape does not fit, in words that follow a name
    public static TensorData of(Type type, List<Integer> shape, double... values) {
        return new TensorData(type, shape, values.clone());
    }

    /// What its values are.
    public Type type() {
        return type;
    }

    /// How long it is in each dimension; one or two of them.
    public List<Integer> shape() {
        return shape;
    }

    /// How many rows.
    public int rows() {
        return shape.getFirst();
    }

    /// How many values in a row; 1 if there is only one dimension.
    public int columns() {
        return shape.size() == 2 ? shape.getLast() : 1;
    }

    /// How many values there are.
    public int length() {
        return values.length;
    }

    /// The value at `position`, row-major, counted from 0.
    public double at(int position) {
        return values[position];
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TensorData that
                && type == that.type
                && shape.equals(that.shape)
                && Arrays.equals(values, that.values);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return "%s%s".formatted(type, shape);
    }

    /// What a tensor's values are.
    public enum Type {
        /// Fractions.
        REAL,
        /// Whole numbers.
        INTEGER
    }
}
