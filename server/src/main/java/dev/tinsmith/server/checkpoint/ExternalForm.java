package dev.tinsmith.server.checkpoint;

import dev.tinsmith.models.peft.PeftExport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/// Turns what an engine saved into what others read.
@FunctionalInterface
public interface ExternalForm {

    /// Writes the adapter in `saved`, of the base model `baseModel`, into the empty directory
    /// `into` as PEFT reads it.
    void write(Path saved, String baseModel, Path into);

    /// PEFT's layout is nearly ours; what differs is of [PeftExport].
    static ExternalForm peft() {
        return (saved, baseModel, into) -> {
            try {
                PeftExport.writeStacked(saved, baseModel, into);
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        };
    }
}
