package dev.tinsmith.models.hub;

import java.net.URI;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.Optional;

/// The Hub's ways to say no.
final class Status {
    static final int OK = 200;
    static final int PARTIAL = 206;
    static final int RANGE_REFUSED = 416;
    static final int TOO_MANY_REQUESTS = 429;

    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int SERVER_ERRORS = 500;

    private final URI endpoint;
    private final boolean token;

    /// @param token whether we have one
    Status(URI endpoint, boolean token) {
        this.endpoint = endpoint;
        this.token = token;
    }

    /// Whether an answer says to follow it elsewhere.
    static boolean isRedirect(int status) {
        return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    }

    /// Returns if `status` is a success.
    ///
    /// @throws Busy if it may be one later
    /// @throws HubException if it will not
    void require(HubRepo repo, String what, int status, HttpHeaders headers) throws Busy {
        if (status == OK || status == PARTIAL) {
            return;
        }
        if (status == TOO_MANY_REQUESTS || status >= SERVER_ERRORS) {
            throw new Busy(status, retryAfter(headers));
        }
        String code = headers.firstValue("X-Error-Code").orElse("");
        if (status == UNAUTHORIZED || status == FORBIDDEN) {
            throw new HubException(closed(repo, status, code));
        }
        if (status == NOT_FOUND) {
            throw new HubException(missing(repo, what, code));
        }
        throw new HubException(
                "the Hub answers with status %d when asked for %s; check HF_ENDPOINT"
                        .formatted(status, what));
    }

    private String closed(HubRepo repo, int status, String code) {
        if (code.equals("GatedRepo")) {
            return "%s is gated: accept its terms at %s/%s, then set HF_TOKEN to a token of that account"
                    .formatted(repo, endpoint, repo.path());
        }
        if (status == FORBIDDEN) {
            return "the account of HF_TOKEN may not read %s; ask its owner, or accept its terms at %s/%s"
                    .formatted(repo, endpoint, repo.path());
        }
        return token
                ? "the Hub does not accept HF_TOKEN for %s; check the token, and the name"
                        .formatted(repo)
                : "%s does not exist or is private; check the name, or set HF_TOKEN"
                        .formatted(repo);
    }

    private static String missing(HubRepo repo, String what, String code) {
        return switch (code) {
            case "RevisionNotFound" ->
                    "%s has no revision '%s'; name a branch, a tag or a commit after '@'"
                            .formatted(repo.path(), repo.revision());
            case "EntryNotFound" -> "%s has no file %s".formatted(repo, what);
            case String _ ->
                    "the Hub has no model %s; check owner, name and revision".formatted(repo);
        };
    }

    private static Optional<Duration> retryAfter(HttpHeaders headers) {
        return headers.firstValue("Retry-After")
                .filter(value -> value.matches("[0-9]{1,6}"))
                .map(value -> Duration.ofSeconds(Long.parseLong(value)));
    }
}
