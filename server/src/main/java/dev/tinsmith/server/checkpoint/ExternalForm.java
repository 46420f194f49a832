package dev.tinsmith.server.checkpoint;

import dev.tinsmith.engine.format.AgeFile;
import dev.tinsmith.engine.format.AgeRecipient;
import dev.tinsmith.models.peft.PeftExport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

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

    /// Leaves nothing in `folder` that is not encrypted, if there are recipients.
    static void encrypt(Path folder, List<AgeRecipient> recipients) {
        if (recipients.isEmpty()) {
            return;
        }
        try (Stream<Path> found = Files.list(folder)) {
            for (Path plain : found.toList()) {
                Path encrypted = plain.resolveSibling(plain.getFileName() + AgeFile.SUFFIX);
                AgeFile.encrypt(plain, encrypted, recipients);
                Files.delete(plain);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
