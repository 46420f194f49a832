package dev.tinsmith.models.gguf;

import java.lang.foreign.MemorySegment;
import java.util.List;

/// A tensor of a file, as it is stored.
///
/// @param shape outermost first, as safetensors has it; a file says it the other way round
/// @param data its blocks, row after row; valid until the file is closed
record GgufTensor(String name, GgmlType type, List<Long> shape, MemorySegment data) {
    GgufTensor {
        shape = List.copyOf(shape);
    }

    /// Numbers in one row.
    int columns() {
        return Math.toIntExact(shape.getLast());
    }

    long rows() {
        return shape.stream().limit(shape.size() - 1L).reduce(1L, Math::multiplyExact);
    }

    long rowBytes() {
        return (long) columns() / type.elements() * type.bytes();
    }

    /// The bytes of one row.
    MemorySegment row(long row) {
        return data.asSlice(row * rowBytes(), rowBytes());
    }

    /// The numbers of one row, into the first [#columns()] places of `into`.
    void read(long row, float[] into) {
        BlockReader reader = type.reader();
        long at = row * rowBytes();
        for (int to = 0; to < columns(); to += type.elements()) {
            reader.read(data, at, into, to);
            at += type.bytes();
        }
    }
}
