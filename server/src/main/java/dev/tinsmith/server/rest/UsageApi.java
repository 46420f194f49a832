package dev.tinsmith.server.rest;

import dev.tinsmith.protocol.Metadata;
import dev.tinsmith.protocol.rest.Usage.Event;
import dev.tinsmith.protocol.rest.Usage.Events;
import dev.tinsmith.protocol.rest.Usage.Info;
import dev.tinsmith.protocol.rest.Usage.Session;
import dev.tinsmith.protocol.rest.Usage.Storage;
import dev.tinsmith.protocol.rest.Usage.StorageItem;
import dev.tinsmith.server.auth.Caller;
import dev.tinsmith.server.checkpoint.Checkpoint;
import dev.tinsmith.server.checkpoint.Checkpoints;
import dev.tinsmith.server.http.Refusal;
import dev.tinsmith.server.http.Reply;
import dev.tinsmith.server.http.Request;
import dev.tinsmith.server.metering.Bucket;
import dev.tinsmith.server.session.SessionFacts;
import dev.tinsmith.server.session.Sessions;
import dev.tinsmith.server.wire.Scope;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What was used, and what is stored. This server has no prices yet, and says none.
final class UsageApi {
    private static final Duration MOST = Duration.ofDays(14);
    private static final double GIGABYTE = 1e9;
    private static final Comparator<Bucket> ORDER =
            Comparator.comparing(Bucket::hour)
                    .thenComparing(Comparator.comparing(Bucket::amount).reversed());

    private final Records records;
    private final Sessions sessions;
    private final Checkpoints checkpoints;
    private final InstantSource clock;

    UsageApi(Records records, Sessions sessions, Checkpoints checkpoints, InstantSource clock) {
        this.records = records;
        this.sessions = sessions;
        this.checkpoints = checkpoints;
        this.clock = clock;
    }

    Reply events(Request request) {
        Caller caller = Caller.current();
        Instant from = hour(request, "starting_on");
        Instant until = hour(request, "ending_before");
        check(from, until);
        List<Event> events =
                Stream.concat(
                                records.meter().between(caller.owner(), from, until).stream(),
                                records.storage().between(caller.owner(), from, until).stream())
                        .sorted(ORDER)
                        .map(bucket -> told(bucket, caller))
                        .toList();
        return Reply.json(new Events(events, sessions(events, caller)));
    }

    private SortedMap<String, Session> sessions(List<Event> events, Caller caller) {
        Map<String, SessionFacts> known =
                sessions.list(caller.owner()).stream()
                        .collect(
                                Collectors.toMap(facts -> facts.id().value(), Function.identity()));
        SortedMap<String, Session> told = new TreeMap<>();
        events.stream()
                .flatMap(event -> event.sessionId().stream())
                .forEach(id ->
                        told.put(
                                id,
                                new Session(
                                        Optional.ofNullable(known.get(id))
                                                .map(facts -> new Metadata(facts.told().metadata()))
                                                .orElse(Metadata.NONE))));
        return told;
    }

    Reply storage(Request request) {
        Scope.project("project_id", request.query("project_id"));
        Caller caller = Caller.current();
        List<Checkpoint> stored = checkpoints.list(caller.owner());
        if (stored.isEmpty()) {
            return Reply.json(new Storage(List.of()));
        }
        long bytes = stored.stream().mapToLong(Checkpoint::size).sum();
        return Reply.json(
                new Storage(
                        List.of(
                                new StorageItem(
                                        Scope.PROJECT,
                                        caller.urn(),
                                        caller.email(),
                                        caller.keyId(),
                                        stored.size(),
                                        bytes,
                                        bytes / GIGABYTE))));
    }

    private void check(Instant from, Instant until) {
        if (from.isAfter(clock.instant())) {
            throw Refusal.bad(
                    "starting_on is '%s', which is yet to come; it must not lie in the future"
                            .formatted(from));
        }
        if (!until.isAfter(from) || Duration.between(from, until).compareTo(MOST) > 0) {
            throw Refusal.bad(
                    "ending_before is '%s'; it must be an hour to 14 days after starting_on, which is '%s'"
                            .formatted(until, from));
        }
    }

    private static Instant hour(Request request, String field) {
        String text =
                request.query(field)
                        .orElseThrow(() ->
                                Refusal.bad(
                                        "%s is missing; it must be the beginning of an hour, such as 2026-11-24T13:00:00Z"
                                                .formatted(field)));
        try {
            Instant at = OffsetDateTime.parse(text).toInstant();
            if (at.equals(at.truncatedTo(ChronoUnit.HOURS))) {
                return at;
            }
        } catch (DateTimeException _) {
            // Told below.
        }
        throw Refusal.bad(
                "%s is '%s'; it must be the beginning of an hour, such as 2026-11-24T13:00:00Z"
                        .formatted(field, text));
    }

    private static Event told(Bucket bucket, Caller caller) {
        return new Event(
                bucket.hour(),
                bucket.hour().plus(Bucket.HOUR),
                Optional.of(bucket.baseModel()),
                caller.urn(),
                caller.keyId(),
                bucket.session(),
                Scope.PROJECT,
                info(bucket));
    }

    private static Info info(Bucket bucket) {
        long whole = (long) bucket.amount();
        return switch (bucket.use()) {
            case TRAINING -> tokens("training", whole, Optional.empty());
            case PREFILL -> tokens("sampling_prefill", whole, Optional.of(false));
            case CACHED_PREFILL -> tokens("sampling_prefill", whole, Optional.of(true));
            case SAMPLED -> tokens("sampling_sample", whole, Optional.empty());
            case CHECKPOINTS ->
                    new Info(
                            "checkpoint",
                            Optional.empty(),
                            Optional.empty(),
                            Optional.of(whole),
                            OptionalDouble.empty());
            case STORAGE ->
                    new Info(
                            "storage",
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            OptionalDouble.of(bucket.amount()));
        };
    }

    private static Info tokens(String type, long count, Optional<Boolean> cached) {
        return new Info(type, Optional.of(count), cached, Optional.empty(), OptionalDouble.empty());
    }
}
