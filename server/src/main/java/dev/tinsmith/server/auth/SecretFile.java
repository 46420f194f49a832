package dev.tinsmith.server.auth;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;

/// A secret in a file of the data directory that its owner alone may read; made when it is first
/// asked for.
final class SecretFile {
    static final int RANDOM_BYTES = 32;

    private SecretFile() {}

    /// The secret in `name`: `prefix` and 64 hex digits, if we made it.
    static String read(Path dataDirectory, String name, String prefix) {
        Path file = dataDirectory.resolve(name);
        try {
            if (!Files.exists(file)) {
                create(dataDirectory, file, prefix);
            }
            return Files.readString(file).strip();
        } catch (IOException failure) {
            throw new UncheckedIOException(
                    "the key in %s can be neither read nor made".formatted(name), failure);
        }
    }

    /// Written under another name first, so that no start ever reads half a key.
    private static void create(Path directory, Path file, String prefix) throws IOException {
        byte[] random = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(random);
        Files.createDirectories(directory);
        Path fresh =
                Files.createTempFile(
                        directory,
                        "secret",
                        ".new",
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        Files.writeString(fresh, prefix + HexFormat.of().formatHex(random) + "\n");
        try {
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException _) {
            Files.delete(fresh);
        }
    }
}
