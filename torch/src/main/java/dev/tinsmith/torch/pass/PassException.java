package dev.tinsmith.torch.pass;

/// A datum whose loss or gradient is no number.
public final class PassException extends RuntimeException {
    private static final long serialVersionUID = 1;

    PassException(int datum, String what) {
        super("data[%d]: %s".formatted(datum, what));
    }
}
