package dev.tinsmith.models;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// Knows how much a disk still takes.
@FunctionalInterface
public interface DiskSpace {
    /// As the system says it.
    DiskSpace REAL = folder -> Files.getFileStore(folder).getUsableSpace();

    /// Bytes that may still be written into `folder`.
    long free(Path folder) throws IOException;

    /// Asks that `bytes` fit into `folder`.
    ///
    /// @param what needs them, such as "adding tiny/llama"
    /// @throws ModelException if they do not
    default void require(Path folder, long bytes, String what) throws IOException {
        long free = free(folder);
        if (bytes > free) {
            throw new ModelException(
                    "%s takes %s and the disk has %s free; make room, or use another disk"
                            .formatted(what, words(bytes), words(free)));
        }
    }

    /// `bytes` as disks are sold.
    static String words(long bytes) {
        return bytes < 1_000_000_000
                ? String.format(Locale.ROOT, "%.1f MB", bytes / 1e6)
                : String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
    }
}
