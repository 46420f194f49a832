package dev.tinsmith.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.Arrays;

/// An immutable row of 32-bit integers, such as token ids.
public final class Ints {
    private final int[] values;

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    private Ints(int[] values) {
        this.values = values;
    }

    /// Copies `values`.
    public static Ints of(int... values) {
        return new Ints(values.clone());
    }

    /// How many there are.
    public int length() {
        return values.length;
    }

    /// The one at `position`, counted from 0.
    public int at(int position) {
        return values[position];
    }

    /// A fresh copy, the caller's to change.
    public int[] toArray() {
        return values.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Ints that && Arrays.equals(values, that.values);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return values.length <= 16 ? Arrays.toString(values) : values.length + " integers";
    }
}
