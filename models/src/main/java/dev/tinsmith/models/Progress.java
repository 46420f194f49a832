package dev.tinsmith.models;

/// Hears how far something long has come, on the thread that does it.
@FunctionalInterface
public interface Progress {
    /// Tells nobody.
    Progress SILENT = (_, _, _) -> {};

    /// `done` of `total` bytes are there, and `what` is under way.
    void at(String what, long done, long total);
}
