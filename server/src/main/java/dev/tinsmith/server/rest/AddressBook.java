package dev.tinsmith.server.rest;

import dev.tinsmith.server.http.Request;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/// Whole addresses that work without a key, for a while.
final class AddressBook {
    private final Signatures signatures;
    private final InstantSource clock;
    private final Duration lifetime;
    private final Optional<URI> externalUrl;

    AddressBook(InstantSource clock, Duration lifetime, Optional<URI> externalUrl) {
        this.signatures = new Signatures(clock);
        this.clock = clock;
        this.lifetime = lifetime;
        this.externalUrl = externalUrl;
    }

    /// When an address that is given out now stops working.
    Instant end() {
        return clock.instant().plus(lifetime).truncatedTo(ChronoUnit.SECONDS);
    }

    /// `path` of this server, as whoever sent `request` can reach it until `end`.
    String address(Request request, String path, Instant end) {
        return externalUrl.map(URI::toString).orElseGet(request::origin)
                + signatures.sign(path, end);
    }

    /// Lets a request pass whose address was given out here, and lately.
    void check(Request request) {
        signatures.check(
                request.path(),
                request.query("expires").orElse(""),
                request.query("signature").orElse(""));
    }
}
