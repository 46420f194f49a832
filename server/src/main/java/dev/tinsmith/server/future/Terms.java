package dev.tinsmith.server.future;

import java.util.Optional;
import java.util.function.Supplier;

/// What a promise comes with.
///
/// @param owner whose it is
/// @param waiting why it is not under way yet, in words fit for the client; empty once it is; asked
///   by those who have waited in vain
/// @param reader who is told of its end, beside those who ask
public record Terms(Owner owner, Supplier<Optional<String>> waiting, Optional<Feed.Reader> reader) {

    /// A promise that is under way from the beginning.
    public static Terms of(Owner owner) {
        return new Terms(owner, Optional::empty, Optional.empty());
    }
}
