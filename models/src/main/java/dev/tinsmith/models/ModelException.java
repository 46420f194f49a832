package dev.tinsmith.models;

/// A model that cannot be added, found or exported, in a sentence fit for the operator.
public final class ModelException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public ModelException(String message) {
        super(message);
    }

    public ModelException(String message, Throwable cause) {
        super(message, cause);
    }
}
