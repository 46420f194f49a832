package dev.tinsmith.server.auth;

import dev.tinsmith.server.future.Owner;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/// The keys this server knows: for now one, the administrator's, in `admin.key` of the data
/// directory.
public final class ApiKeys {
    /// The file that holds the administrator's key, readable by its owner only.
    public static final String FILE = "admin.key";

    private static final String PREFIX = "tml-";

    private final byte[] digest;

    private ApiKeys(String key) {
        this.digest = sha256(key);
    }

    /// Reads the key, or makes one on the first start.
    public static ApiKeys open(Path dataDirectory) {
        return of(SecretFile.read(dataDirectory, FILE, PREFIX));
    }

    /// The one key `key`.
    public static ApiKeys of(String key) {
        if (!key.startsWith(PREFIX) || key.length() < PREFIX.length() + SecretFile.RANDOM_BYTES) {
            throw new IllegalArgumentException(
                    "%s holds no key: it must begin with %s and have at least %d characters more; delete it, and the next start makes a new one"
                            .formatted(FILE, PREFIX, SecretFile.RANDOM_BYTES));
        }
        return new ApiKeys(key);
    }

    /// Whose key `given` is.
    ///
    /// @throws UnauthorizedException if there is none, or it is not known here
    public Caller authenticate(Optional<String> given) {
        String key =
                given.orElseThrow(() ->
                        new UnauthorizedException(
                                "the X-API-Key header is missing; set TINKER_API_KEY to a key of this server, such as the one in %s of its data directory"
                                        .formatted(FILE)));
        if (!MessageDigest.isEqual(digest, sha256(key))) {
            throw new UnauthorizedException(
                    "this server does not know that API key; set TINKER_API_KEY to one of its keys, such as the one in %s of its data directory"
                            .formatted(FILE));
        }
        return new Caller(Owner.ADMIN.value());
    }

    /// Changes when the key does, and says nothing of it.
    String fingerprint() {
        return HexFormat.of().formatHex(digest, 0, 8);
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
