package dev.tinsmith.models.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/// What a file's bytes must come to.
///
/// @param hex 64 digits: SHA-256 of a large file; 40: git's SHA-1 of a small one
record Checksum(String hex) {
    private static final Pattern SHAPE = Pattern.compile("[0-9a-f]{64}|[0-9a-f]{40}");
    private static final int SHA256_DIGITS = 64;
    private static final int BUFFER_BYTES = 1 << 20;

    /// Understands an entity tag, whose quotes and mark of weakness are no part of it. Other
    /// servers put other things there, which are no checksum.
    static Optional<Checksum> of(String tag) {
        String hex = tag.replaceFirst("^W/", "").replace("\"", "");
        return SHAPE.matcher(hex).matches() ? Optional.of(new Checksum(hex)) : Optional.empty();
    }

    /// Whether `file` comes to it.
    boolean matches(Path file) throws IOException {
        MessageDigest digest = digest(hex.length() == SHA256_DIGITS ? "SHA-256" : "SHA-1");
        if (hex.length() != SHA256_DIGITS) {
            String header = "blob %d\0".formatted(Files.size(file));
            digest.update(header.getBytes(StandardCharsets.UTF_8));
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
        }
        return HexFormat.of().formatHex(digest.digest()).equals(hex);
    }

    private static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every JDK has " + algorithm, missing);
        }
    }
}
