package dev.tinsmith.engine;

/// Whose turn it is to mend something.
public enum Fault {
    /// The caller's: the request cannot be done as it stands.
    USER,
    /// Ours, or the machine's.
    SERVER
}
