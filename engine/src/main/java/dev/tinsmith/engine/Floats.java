package dev.tinsmith.engine;

import java.util.Arrays;

/// An immutable row of numbers: weights, advantages, log-probabilities.
public final class Floats {
    private static final Floats NONE = new Floats(new float[0]);

    private final float[] values;

    private Floats(float[] values) {
        this.values = values;
    }

    /// Copies `values`.
    public static Floats of(float... values) {
        return values.length == 0 ? NONE : new Floats(values.clone());
    }

    /// How many there are.
    public int length() {
        return values.length;
    }

    /// The value at `position`, counted from 0.
    public float at(int position) {
        return values[position];
    }

    /// A fresh copy, the caller's to change.
    public float[] toArray() {
        return values.clone();
    }

    /// Equal when every value has the same bits, so that NaN equals itself.
    @Override
    public boolean equals(Object other) {
        return other instanceof Floats that && Arrays.equals(values, that.values);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return values.length <= 16 ? Arrays.toString(values) : values.length + " values";
    }
}
