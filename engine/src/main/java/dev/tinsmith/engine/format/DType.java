package dev.tinsmith.engine.format;

import java.util.Arrays;
import java.util.Optional;

/// How one number of a tensor is stored, under the names that safetensors uses.
public enum DType {
    F64(8),
    F32(4),
    F16(2),
    BF16(2),
    I64(8),
    I32(4),
    I16(2),
    I8(1),
    U8(1),
    BOOL(1);

    private final int bytes;

    DType(int bytes) {
        this.bytes = bytes;
    }

    /// How many bytes one number takes.
    public int bytes() {
        return bytes;
    }

    /// The one with exactly this name.
    static Optional<DType> named(String name) {
        return Arrays.stream(values()).filter(dtype -> dtype.name().equals(name)).findFirst();
    }
}
