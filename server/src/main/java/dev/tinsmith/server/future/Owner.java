package dev.tinsmith.server.future;

/// Whose something is. What belongs to one owner does not exist for another.
public record Owner(String value) {
    /// The administrator, who owns what commands make.
    public static final Owner ADMIN = new Owner("admin");

    public Owner {
        if (value.isBlank()) {
            throw new IllegalArgumentException("an owner has a name");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
