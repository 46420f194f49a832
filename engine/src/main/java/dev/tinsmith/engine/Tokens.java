package dev.tinsmith.engine;

import java.util.Arrays;

/// An immutable row of token ids.
public final class Tokens {
    private static final Tokens NONE = new Tokens(new int[0]);

    private final int[] ids;

    private Tokens(int[] ids) {
        this.ids = ids;
    }

    /// Copies `ids`.
    public static Tokens of(int... ids) {
        return ids.length == 0 ? NONE : new Tokens(ids.clone());
    }

    /// How many there are.
    public int length() {
        return ids.length;
    }

    /// The token at `position`, counted from 0.
    public int at(int position) {
        return ids[position];
    }

    /// A fresh copy, the caller's to change.
    public int[] toArray() {
        return ids.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Tokens that && Arrays.equals(ids, that.ids);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(ids);
    }

    @Override
    public String toString() {
        return ids.length <= 16 ? Arrays.toString(ids) : ids.length + " tokens";
    }
}
