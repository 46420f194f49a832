package dev.tinsmith.server.auth;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/// What a client may show to be let in: a key, or a token that it got for a key. A token dies with
/// its key, and says who its bearer is, which is what clients read from it.
public final class Credentials {
    /// The header that a client shows it in.
    public static final String HEADER = "X-API-Key";

    /// Clients ask for another token at half of this.
    static final Duration LIFETIME = Duration.ofHours(1);

    /// How every token begins, since a token begins with JSON; a key never does.
    private static final String TOKEN = "eyJ";

    private final ApiKeys keys;
    private final Tokens tokens;
    private final InstantSource clock;

    Credentials(ApiKeys keys, Tokens tokens, InstantSource clock) {
        this.keys = keys;
        this.tokens = tokens;
        this.clock = clock;
    }

    /// Reads the keys of this data directory, or makes them on the first start.
    public static Credentials open(Path dataDirectory, InstantSource clock) {
        return new Credentials(ApiKeys.open(dataDirectory), Tokens.open(dataDirectory), clock);
    }

    /// Whose key or token `given` is.
    ///
    /// @throws UnauthorizedException if there is none, or it is not known here, or its time is up
    public Caller authenticate(Optional<String> given) {
        return given.filter(Credentials::isToken)
                .map(token -> live(token).caller())
                .orElseGet(() -> keys.authenticate(given));
    }

    /// A token for whoever shows this key. For one who shows a token it lasts no longer than that
    /// one does.
    ///
    /// @throws UnauthorizedException as [#authenticate]
    public String token(Optional<String> given) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        Instant most = now.plus(LIFETIME);
        Instant end =
                given.filter(Credentials::isToken)
                        .map(token -> live(token).expires())
                        .filter(most::isAfter)
                        .orElse(most);
        return tokens.sign(new Claims(authenticate(given), keys.fingerprint(), now, end));
    }

    private Claims live(String token) {
        Claims claims =
                tokens.read(token)
                        .filter(read -> read.key().equals(keys.fingerprint()))
                        .orElseThrow(() ->
                                UnauthorizedException.token(
                                        "this server did not give out that token, or the key it was for is gone; ask for another at auth/token, or set TINKER_API_KEY to a key"));
        if (!claims.expires().isAfter(clock.instant())) {
            throw UnauthorizedException.token(
                    "the token has expired; ask for another at auth/token, or set TINKER_API_KEY to a key");
        }
        return claims;
    }

    private static boolean isToken(String given) {
        return given.startsWith(TOKEN);
    }
}
