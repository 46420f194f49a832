package dev.tinsmith.torch.pass;

/// A datum whose loss or gradient is no number.
public final class PassException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int datum;
    private final String what;

    /// @param datum its place in its batch
    PassException(int datum, String what) {
        super("data[%d]: %s".formatted(datum, what));
        this.datum = datum;
        this.what = what;
    }

    int datum() {
        return datum;
    }

    /// The same, and where in the model it began.
    PassException since(String where) {
        return new PassException(datum, what + ", first in " + where);
    }
}
