package dev.tinsmith.server.database;

/// The records cannot be read or written; the sentence is for the operator.
public final class DatabaseException extends RuntimeException {
    private static final long serialVersionUID = 1;

    DatabaseException(String reason, Throwable cause) {
        super(reason, cause);
    }
}
