package dev.tinsmith.models.gguf;

import java.util.List;

/// One value of a file's metadata. The format's thirteen kinds of number, text and array are five
/// here: the width of a number matters only while it is read.
sealed interface GgufValue {
    /// A whole number; an unsigned one of 64 bits that is too large for a `long` is negative.
    record Whole(long value) implements GgufValue {}

    /// A real number. One of 32 bits is the shortest decimal that means it: 1e-5, not 9.99…e-6.
    record Real(double value) implements GgufValue {}

    /// Yes or no.
    record Flag(boolean value) implements GgufValue {}

    /// A string.
    record Text(String value) implements GgufValue {}

    /// An array, of arrays if need be.
    record Row(List<GgufValue> values) implements GgufValue {
        public Row {
            values = List.copyOf(values);
        }
    }
}
