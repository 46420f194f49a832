package dev.tinsmith.server.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Signs short-lived tokens (JWT, HS256) and knows its own again, also after a restart: the key is
/// in `token.key` of the data directory.
final class Tokens {
    /// The file that holds the signing key, readable by its owner only.
    static final String FILE = "token.key";

    private static final String ALGORITHM = "HmacSHA256";
    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

    /// The only header there is: a token cannot choose how it is checked.
    private static final String HEADER =
            ENCODER.encodeToString("{\"alg\":\"HS256\",\"typ\":\"JWT\"}".getBytes(UTF_8));

    private final SecretKeySpec secret;

    Tokens(String secret) {
        this.secret = new SecretKeySpec(secret.getBytes(UTF_8), ALGORITHM);
    }

    /// Reads the signing key, or makes one on the first start.
    static Tokens open(Path dataDirectory) {
        return new Tokens(SecretFile.read(dataDirectory, FILE, ""));
    }

    String sign(Claims claims) {
        String signed = HEADER + "." + ENCODER.encodeToString(claims.text().getBytes(UTF_8));
        return signed + "." + signature(signed);
    }

    /// What `token` says, if it is ours; it may have expired.
    Optional<Claims> read(String token) {
        int last = token.lastIndexOf('.');
        String prefix = HEADER + ".";
        if (!token.startsWith(prefix) || last < prefix.length()) {
            return Optional.empty();
        }
        byte[] given = token.substring(last + 1).getBytes(UTF_8);
        if (!MessageDigest.isEqual(signature(token.substring(0, last)).getBytes(UTF_8), given)) {
            return Optional.empty();
        }
        byte[] claims = Base64.getUrlDecoder().decode(token.substring(prefix.length(), last));
        return Claims.parse(new String(claims, UTF_8));
    }

    private String signature(String text) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(secret);
            return ENCODER.encodeToString(mac.doFinal(text.getBytes(UTF_8)));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every Java has " + ALGORITHM, impossible);
        }
    }
}
