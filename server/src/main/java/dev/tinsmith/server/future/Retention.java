package dev.tinsmith.server.future;

import java.time.Duration;

/// How long results are kept. One that was fetched is kept a little longer, since the answer may
/// have been lost on its way.
///
/// @param unfetched from its settling, for a client that has not asked
/// @param fetched from the first time it was handed out
/// @param maxFetched how many fetched results are kept at most; the oldest go first
public record Retention(Duration unfetched, Duration fetched, int maxFetched) {
    public Retention {
        if (unfetched.isNegative() || fetched.isNegative() || maxFetched < 0) {
            throw new IllegalArgumentException("results are kept for some time, or for none");
        }
    }

    /// Keeps fetched results for five minutes, the others for `unfetched`.
    public static Retention of(Duration unfetched) {
        return new Retention(unfetched, Duration.ofMinutes(5), 4096);
    }
}
