package dev.tinsmith.torch.ops;

/// A number format that tensors come in.
public enum Dtype {
    /// Eight bits of exponent, seven of fraction.
    BF16(2),
    /// IEEE half precision; only ever read from disk.
    F16(2),
    /// IEEE single precision.
    F32(4),
    /// Signed 64-bit integers, for indices.
    I64(8);

    private final int bytes;

    Dtype(int bytes) {
        this.bytes = bytes;
    }

    /// The size of one number.
    public int bytes() {
        return bytes;
    }
}
