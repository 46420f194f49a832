package dev.tinsmith.protocol.codec;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// What a request says, in 64 letters: two requests that say the same have the same.
///
/// @param sha256 in hexadecimal
public record Canonical(String sha256) {

    /// Of these bytes.
    public static Canonical of(byte[] meaning) {
        try {
            return new Canonical(
                    HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(meaning)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }
}
