package dev.tinsmith.server.checkpoint;

import java.nio.file.Path;

/// Turns what an engine saved into what others read.
@FunctionalInterface
public interface ExternalForm {

    /// Writes the adapter in `saved`, of the base model `baseModel`, into the empty directory
    /// `into` as PEFT reads it.
    void write(Path saved, String baseModel, Path into);
}
