package dev.tinsmith.server.rest;

import dev.tinsmith.protocol.rest.Audit;
import dev.tinsmith.server.audit.AuditEntry;
import dev.tinsmith.server.audit.AuditLog;
import dev.tinsmith.server.auth.Caller;
import dev.tinsmith.server.http.Refusal;
import dev.tinsmith.server.http.Reply;
import dev.tinsmith.server.http.Request;
import java.time.DateTimeException;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// Who did what on a day.
final class AuditApi {
    private static final List<String> TYPES =
            List.of("all", "checkpoints", "projects", "teams", "organizations");

    private final AuditLog log;
    private final InstantSource clock;

    AuditApi(AuditLog log, InstantSource clock) {
        this.log = log;
        this.clock = clock;
    }

    /// There is one project, one organisation and no team, so nothing ever happens to them.
    Reply entries(Request request) {
        String type = request.query("event_type").orElse("all");
        if (!TYPES.contains(type)) {
            throw Refusal.bad("event_type is '%s'; it must be one of %s".formatted(type, TYPES));
        }
        String resource = type.equals("all") ? "" : type.replaceFirst("s$", "_");
        Caller caller = Caller.current();
        return Reply.json(
                new Audit.Log(
                        log.of(day(request)).stream()
                                .filter(entry -> entry.by().equals(caller.owner()))
                                .filter(entry -> entry.event().startsWith(resource))
                                .sorted(Comparator.comparing(AuditEntry::at))
                                .map(entry -> told(entry, caller))
                                .toList()));
    }

    private LocalDate day(Request request) {
        Optional<String> text = request.query("day");
        try {
            return text.map(LocalDate::parse)
                    .orElseGet(() -> LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC));
        } catch (DateTimeException _) {
            throw Refusal.bad(
                    "day is '%s'; it must be a day (UTC) such as 2026-11-24, or absent for today"
                            .formatted(text.orElseThrow()));
        }
    }

    private static Audit.Entry told(AuditEntry entry, Caller caller) {
        SortedMap<String, String> details = new TreeMap<>(entry.details());
        details.put("actor", caller.urn());
        return new Audit.Entry(
                entry.at(),
                entry.event(),
                details,
                Optional.ofNullable(details.get("model_id")),
                Optional.ofNullable(details.get("tinker_path")),
                Optional.ofNullable(details.get("purpose")));
    }
}
