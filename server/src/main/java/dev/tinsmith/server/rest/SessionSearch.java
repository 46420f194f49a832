package dev.tinsmith.server.rest;

import dev.tinsmith.protocol.rest.Sessions.Cursor;
import dev.tinsmith.protocol.rest.Sessions.OwnerQuery;
import dev.tinsmith.protocol.rest.Sessions.Search;
import dev.tinsmith.protocol.rest.Sessions.StatusQuery;
import dev.tinsmith.server.auth.Caller;
import dev.tinsmith.server.http.Refusal;
import dev.tinsmith.server.session.SessionFacts;
import dev.tinsmith.server.wire.Scope;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Which visits a client looks for. Visits are tried newest first.
final class SessionSearch {
    private static final int MOST = 200;
    private static final int USUAL = 50;
    private static final List<String> OWNERS = List.of("own", "accessible", "user");
    private static final List<String> STATUSES =
            List.of("active", "cancelled", "failed", "client_finished");
    private static final List<String> REASONS = List.of("success", "errored", "interrupted");

    private final Search asked;
    private final Caller caller;

    /// Checks all that may be asked, so that [#finds] has nothing to refuse.
    SessionSearch(Search asked, Caller caller) {
        this.asked = asked;
        this.caller = caller;
        if (limit() < 1 || limit() > MOST) {
            throw Refusal.bad("limit is %d; it must be 1 to %d".formatted(limit(), MOST));
        }
        asked.displayName().ifPresent(name -> filled("display_name", name.isBlank()));
        asked.statuses().ifPresent(statuses -> filled("statuses", statuses.isEmpty()));
        asked.projectIds()
                .orElse(List.of())
                .forEach(project -> Scope.project("project_ids", Optional.of(project)));
        asked.owner().ifPresent(SessionSearch::check);
        asked.statuses().orElse(List.of()).forEach(SessionSearch::check);
    }

    private static void check(OwnerQuery owner) {
        among("owner.type", owner.type(), OWNERS);
        int urns = owner.ownerUrns().orElse(List.of()).size();
        boolean named = owner.type().equals("user");
        if (named ? urns < 1 || urns > 10 : urns > 0) {
            throw Refusal.bad(
                    "owner.owner_urns has %d entries; it must have 1 to 10 for the type 'user', and none for another"
                            .formatted(urns));
        }
    }

    private static void check(StatusQuery status) {
        among("statuses.type", status.type(), STATUSES);
        status.reasons()
                .ifPresent(reasons -> {
                    filled("statuses.reasons", reasons.isEmpty());
                    if (!status.type().equals("client_finished")) {
                        throw Refusal.bad(
                                "statuses.reasons is for the type 'client_finished', and this one is '%s'; leave it out"
                                        .formatted(status.type()));
                    }
                    reasons.forEach(reason -> among("statuses.reasons", reason, REASONS));
                });
    }

    private static void among(String field, String value, List<String> known) {
        if (!known.contains(value)) {
            throw Refusal.bad("%s is '%s'; it must be one of %s".formatted(field, value, known));
        }
    }

    private static void filled(String field, boolean isEmpty) {
        if (isEmpty) {
            throw Refusal.bad("%s is empty; leave it out to match every one".formatted(field));
        }
    }

    int limit() {
        return asked.limit().orElse(USUAL);
    }

    boolean finds(SessionFacts facts) {
        return isAfterCursor(facts)
                && isNamed(facts)
                && isOwned()
                && asked.projectIds().filter(List::isEmpty).isEmpty()
                && asked.userMetadata()
                        .filter(wanted ->
                                !facts.told()
                                        .metadata()
                                        .entrySet()
                                        .containsAll(wanted.values().entrySet()))
                        .isEmpty()
                && asked.statuses()
                        .filter(wanted -> wanted.stream().noneMatch(one -> isSo(one, facts)))
                        .isEmpty();
    }

    private boolean isAfterCursor(SessionFacts facts) {
        return asked.cursor()
                .filter(last -> {
                    int older = facts.created().compareTo(last.lastCreatedAt());
                    return older > 0
                            || (older == 0
                                    && facts.id().value().compareTo(last.lastSessionId()) >= 0);
                })
                .isEmpty();
    }

    private boolean isNamed(SessionFacts facts) {
        if (asked.sessionId().isEmpty() && asked.displayName().isEmpty()) {
            return true;
        }
        String name = facts.told().displayName().orElse("").toLowerCase(Locale.ROOT);
        return asked.sessionId().filter(facts.id().value()::equals).isPresent()
                || asked.displayName()
                        .filter(words ->
                                Arrays.stream(words.toLowerCase(Locale.ROOT).strip().split("\\s+"))
                                        .allMatch(name::contains))
                        .isPresent();
    }

    /// Nobody sees another's visits, so whoever is meant must be the caller.
    private boolean isOwned() {
        return asked.owner()
                .flatMap(OwnerQuery::ownerUrns)
                .filter(urns -> !urns.contains(caller.urn()))
                .isEmpty();
    }

    private static boolean isSo(StatusQuery wanted, SessionFacts facts) {
        Optional<String> finished =
                facts.ending()
                        .flatMap(SessionFacts.Ending::finish)
                        .map(SessionFacts.Finish::reason);
        return wanted.type().equals("active")
                ? facts.ending().isEmpty()
                : wanted.type().equals("client_finished")
                        && finished.filter(
                                        reason -> wanted.reasons().orElse(REASONS).contains(reason))
                                .isPresent();
    }

    static Cursor cursor(SessionFacts last) {
        return new Cursor(last.created(), last.id().value());
    }
}
