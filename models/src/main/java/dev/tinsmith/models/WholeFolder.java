package dev.tinsmith.models;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/// Folders that are there whole or not at all, even if the power fails.
public final class WholeFolder {
    private WholeFolder() {}

    /// Puts files into an empty folder.
    @FunctionalInterface
    public interface Filling {
        /// Fills `folder`; whatever it throws, nothing of it is kept.
        void fill(Path folder) throws IOException;
    }

    /// Fills `temporary`, a sibling of `target`, brings it to the disk, and only then calls it
    /// `target`. What was at either place before is gone afterwards; after a failure, `target` is
    /// as it was.
    ///
    /// @throws ModelException if the disk does not take it
    public static void create(Path target, Path temporary, Filling filling) {
        Path old = temporary.resolveSibling(temporary.getFileName() + ".old");
        boolean whole = false;
        try {
            recover(target, old);
            delete(temporary);
            Files.createDirectories(temporary);
            filling.fill(temporary);
            sync(temporary);
            if (Files.exists(target)) {
                delete(old);
                Files.move(target, old, ATOMIC_MOVE);
            }
            Files.move(temporary, target, ATOMIC_MOVE);
            whole = true;
            force(target.toAbsolutePath().resolveSibling(""));
            delete(old);
        } catch (IOException | UncheckedIOException failure) {
            throw failed(target, failure);
        } finally {
            if (!whole) {
                undo(target, temporary, old);
            }
        }
    }

    /// Puts back what stepped aside for a folder that never came.
    private static void recover(Path target, Path old) throws IOException {
        if (Files.exists(old) && !Files.exists(target)) {
            Files.move(old, target, ATOMIC_MOVE);
        }
    }

    private static void undo(Path target, Path temporary, Path old) {
        try {
            delete(temporary);
            recover(target, old);
        } catch (IOException failure) {
            throw failed(target, failure);
        }
    }

    /// Removes `folder` and all that is in it; links are removed, not followed.
    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        List<Path> all;
        try (Stream<Path> tree = Files.walk(folder)) {
            all = tree.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : all) {
            Files.delete(path);
        }
    }

    private static void sync(Path folder) throws IOException {
        List<Path> all;
        try (Stream<Path> tree = Files.walk(folder)) {
            all = tree.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : all) {
            force(path);
        }
    }

    private static void force(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path)) {
            channel.force(true);
        }
    }

    private static ModelException failed(Path target, Exception failure) {
        return new ModelException(
                "%s could not be written (%s); nothing of it was kept"
                        .formatted(target.getFileName(), reason(failure)),
                failure);
    }

    /// Why, without the path that the JDK puts before it.
    static String reason(Exception failure) {
        if (failure.getCause() instanceof IOException cause) {
            return reason(cause);
        }
        String kind = failure.getClass().getSimpleName();
        return failure instanceof FileSystemException system
                ? Objects.requireNonNullElse(system.getReason(), kind)
                : Objects.requireNonNullElse(failure.getMessage(), kind);
    }
}
