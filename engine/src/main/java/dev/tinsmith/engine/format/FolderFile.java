package dev.tinsmith.engine.format;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/// Files of a model folder, found by names that somebody else wrote.
public final class FolderFile {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]*");

    private FolderFile() {}

    /// Whether `name` can only mean a file directly in a folder.
    public static boolean isPlain(String name) {
        return PLAIN.matcher(name).matches();
    }

    /// The file `name` of `folder`. A link may lead to another file of the folder, or into the
    /// `blobs` that a Hugging Face cache keeps beside its snapshots; nowhere else.
    ///
    /// @throws FormatException if it is missing, no file, or somewhere else
    public static Path inside(Path folder, String name) {
        if (!isPlain(name)) {
            throw new FormatException(
                    "'%s' is no file of a model folder; a name has letters, digits, '.', '_' and '-' only"
                            .formatted(name));
        }
        try {
            Path home = folder.toRealPath();
            Path file = home.resolve(name).toRealPath();
            if (!file.startsWith(home) && !file.startsWith(blobs(home))) {
                throw new FormatException(
                        "%s is a link out of the model folder; put the file itself there"
                                .formatted(name));
            }
            if (!Files.isRegularFile(file)) {
                throw new FormatException("%s is no file".formatted(name));
            }
            return file;
        } catch (NoSuchFileException missing) {
            throw new FormatException(
                    "%s is missing from the model folder; take it from its source again"
                            .formatted(name),
                    missing);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// `blobs` of the cache that `home` is a snapshot in; `home` itself if it is none.
    private static Path blobs(Path home) {
        Path snapshots = home.resolveSibling("");
        return JsonFile.nameOf(snapshots).equals("snapshots")
                ? snapshots.resolveSibling("blobs")
                : home;
    }
}
