package dev.tinsmith.server.rest;

import dev.tinsmith.server.http.Refusal;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Addresses that work without a key, for a while: who knows one was given it by us. They die with
/// this server's process.
final class Signatures {
    private static final String ALGORITHM = "HmacSHA256";

    private final SecretKeySpec secret;
    private final InstantSource clock;

    Signatures(InstantSource clock) {
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        this.secret = new SecretKeySpec(random, ALGORITHM);
        this.clock = clock;
    }

    /// `path` with what makes it work until `expires`, to the second.
    String sign(String path, Instant expires) {
        long until = expires.getEpochSecond();
        return "%s?expires=%d&signature=%s".formatted(path, until, signature(path, until));
    }

    /// Lets pass what [#sign] signed and what has not expired.
    ///
    /// @throws Refusal otherwise, and without saying which part was wrong
    void check(String path, String expires, String signature) {
        if (!expires.matches("\\d{1,12}")
                || !MessageDigest.isEqual(
                        signature(path, Long.parseLong(expires)).getBytes(StandardCharsets.UTF_8),
                        signature.getBytes(StandardCharsets.UTF_8))) {
            throw new Refusal(
                    403, "this address was not given out by this server; ask for a new one");
        }
        if (clock.instant().getEpochSecond() > Long.parseLong(expires)) {
            throw new Refusal(403, "this address has expired; ask for a new one");
        }
    }

    private String signature(String path, long until) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(secret);
            return HexFormat.of()
                    .formatHex(
                            mac.doFinal(
                                    "%d %s"
                                            .formatted(until, path)
                                            .getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every Java has " + ALGORITHM, impossible);
        }
    }
}
