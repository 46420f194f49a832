package dev.tinsmith.server.session;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// What a client says of a visit when it begins it.
///
/// @param displayName need not be unique
public record NewSession(
        List<String> tags, SortedMap<String, String> metadata, Optional<String> displayName) {
    /// Nothing.
    public static final NewSession NAMELESS =
            new NewSession(List.of(), new TreeMap<>(), Optional.empty());

    public NewSession {
        tags = List.copyOf(tags);
        metadata = Collections.unmodifiableSortedMap(new TreeMap<>(metadata));
    }
}
