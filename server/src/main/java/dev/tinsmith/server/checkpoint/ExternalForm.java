package dev.tinsmith.server.checkpoint;

import dev.tinsmith.engine.format.AdapterConfig;
import dev.tinsmith.engine.format.AdapterFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Turns what an engine saved into what others read.
@FunctionalInterface
public interface ExternalForm {

    /// Writes the adapter in `saved`, of the base model `baseModel`, into the empty directory
    /// `into` as PEFT reads it.
    void write(Path saved, String baseModel, Path into);

    /// The factors as they are, since PEFT's layout is ours, and a configuration with the keys that
    /// PEFT knows and no other.
    static ExternalForm peft() {
        return (saved, baseModel, into) -> {
            try {
                new AdapterConfig(AdapterConfig.read(saved).lora(), baseModel).writeForPeft(into);
                Files.copy(
                        saved.resolve(AdapterFolder.WEIGHTS), into.resolve(AdapterFolder.WEIGHTS));
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        };
    }
}
