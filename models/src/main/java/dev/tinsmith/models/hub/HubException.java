package dev.tinsmith.models.hub;

/// Something the Hub refused or could not give, in a sentence fit for the operator.
public final class HubException extends RuntimeException {
    private static final long serialVersionUID = 1;

    HubException(String message) {
        super(message);
    }

    HubException(String message, Throwable cause) {
        super(message, cause);
    }
}
