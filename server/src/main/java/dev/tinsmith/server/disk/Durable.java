package dev.tinsmith.server.disk;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// Files that survive the loss of power, and directories that appear at once.
public final class Durable {
    private Durable() {}

    /// Writes `text` into `file`, whole or not at all.
    public static void write(Path file, String text) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(fresh, text);
        sync(fresh);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        sync(file.resolveSibling(""));
    }

    /// Brings a directory and all files in it to the disk.
    public static void syncAll(Path directory) throws IOException {
        for (Path file : files(directory)) {
            sync(file);
        }
        sync(directory);
    }

    /// Gives `from` the name `to`, for good. Both are on one file system.
    public static void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        sync(to.resolveSibling(""));
    }

    /// Deletes `directory` and all in it, if it is there.
    public static void delete(Path directory) throws IOException {
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (NoSuchFileException _) {
            // Somebody else was faster.
        }
    }

    /// The plain files in `directory`, by name.
    public static List<Path> files(Path directory) throws IOException {
        return list(directory).stream()
                .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                .toList();
    }

    /// The directories in `directory`, by name; none if it is not there.
    public static List<Path> directories(Path directory) throws IOException {
        return list(directory).stream()
                .filter(file -> Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS))
                .toList();
    }

    private static List<Path> list(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(directory)) {
            return all.sorted().toList();
        }
    }

    /// Brings a file, or the names in a directory, to the disk.
    public static void sync(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
