package dev.tinsmith.engine.format;

/// A file or folder that is not what it should be, in a sentence fit for the user: which file, by
/// its name and not its path, which rule, what to do.
public final class FormatException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public FormatException(String message) {
        super(message);
    }

    public FormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
