package dev.tinsmith.server.auth;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a token says. Its text is always ours, so one pattern reads what one format wrote.
///
/// @param key the fingerprint of the API key that the token was given for
record Claims(Caller caller, String key, Instant issued, Instant expires) {
    private static final Pattern PLAIN = Pattern.compile("[\\w.@:-]+");
    private static final Pattern TEXT =
            Pattern.compile(
                    "\\{\"iss\":\"tinsmith\",\"sub\":\"[^\"]*\",\"org_id\":\"[^\"]*\",\"email\":\"[^\"]*\",\"key_id\":\"([^\"]*)\",\"key\":\"([^\"]*)\",\"iat\":(\\d{1,12}),\"exp\":(\\d{1,12})\\}");

    Claims {
        for (String word : List.of(caller.keyId(), key)) {
            if (!PLAIN.matcher(word).matches()) {
                throw new IllegalArgumentException("a token cannot say '%s'".formatted(word));
            }
        }
    }

    /// As clients read it; the times are in seconds.
    String text() {
        return "{\"iss\":\"tinsmith\",\"sub\":\"%s\",\"org_id\":\"%s\",\"email\":\"%s\",\"key_id\":\"%s\",\"key\":\"%s\",\"iat\":%d,\"exp\":%d}"
                .formatted(
                        caller.urn(),
                        Caller.ORGANISATION,
                        caller.email(),
                        caller.keyId(),
                        key,
                        issued.getEpochSecond(),
                        expires.getEpochSecond());
    }

    /// Reads what [#text] wrote.
    static Optional<Claims> parse(String text) {
        Matcher read = TEXT.matcher(text);
        return read.matches()
                ? Optional.of(
                        new Claims(
                                new Caller(read.group(1)),
                                read.group(2),
                                Instant.ofEpochSecond(Long.parseLong(read.group(3))),
                                Instant.ofEpochSecond(Long.parseLong(read.group(4)))))
                : Optional.empty();
    }
}
