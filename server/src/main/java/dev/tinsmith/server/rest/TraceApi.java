package dev.tinsmith.server.rest;

import dev.tinsmith.protocol.codec.TraceFile;
import dev.tinsmith.protocol.rest.Sessions.TraceExport;
import dev.tinsmith.server.auth.Caller;
import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.http.Refusal;
import dev.tinsmith.server.http.Reply;
import dev.tinsmith.server.http.Request;
import dev.tinsmith.server.metering.Operation;
import dev.tinsmith.server.run.SessionId;
import dev.tinsmith.server.session.SessionFacts;
import dev.tinsmith.server.session.Sessions;
import dev.tinsmith.server.trace.Span;
import dev.tinsmith.server.trace.Timeline;
import dev.tinsmith.server.trace.Traces;
import dev.tinsmith.server.wire.Names;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// The timeline of a session, as a file for Perfetto. It is drawn when it is fetched, so that it is
/// never stale and never kept.
final class TraceApi {
    static final String ADDRESS = "/traces/{owner}/{id}";

    private final Sessions sessions;
    private final Traces traces;
    private final AddressBook addresses;

    TraceApi(Sessions sessions, Traces traces, AddressBook addresses) {
        this.sessions = sessions;
        this.traces = traces;
        this.addresses = addresses;
    }

    Reply export(Request request) {
        Owner owner = Caller.current().owner();
        SessionId id = Names.session(request.part("id"));
        SessionFacts _ = sessions.facts(owner, id);
        return Reply.json(
                new TraceExport(
                        "ready",
                        addresses.address(
                                request, "/traces/%s/%s".formatted(owner, id), addresses.end())));
    }

    /// The address was signed, so its owner is the one who asked for it.
    Reply file(Request request) {
        addresses.check(request);
        Owner owner = new Owner(request.part("owner"));
        String session = request.part("id");
        List<Operation> operations = traces.of(owner, session);
        if (operations.isEmpty()) {
            throw Refusal.missing(
                    "nothing is known of what session '%s' did; it did nothing yet, or so long ago that it is forgotten"
                            .formatted(session));
        }
        return Reply.protobuf(drawn(session, operations));
    }

    private static byte[] drawn(String session, List<Operation> operations) {
        TraceFile file =
                new TraceFile(
                        operations.stream()
                                .map(Operation::asked)
                                .sorted()
                                .findFirst()
                                .orElseThrow());
        long root = file.root("session " + session);
        Map<String, Long> actors = new HashMap<>();
        for (Timeline.Lane lane : Timeline.of(operations).lanes()) {
            long actor =
                    actors.computeIfAbsent(
                            lane.actor(), name -> file.track(root, shortened(session, name)));
            long track = file.track(actor, lane.track());
            for (Span span : lane.spans()) {
                file.slice(
                        track, lane.track(), span.name(), span.from(), span.until(), facts(span));
            }
        }
        return file.bytes();
    }

    /// `train:0` rather than all of a run's name.
    private static String shortened(String session, String actor) {
        return actor.startsWith(session + ":") ? actor.substring(session.length() + 1) : actor;
    }

    private static SortedMap<String, Object> facts(Span span) {
        Operation done = span.of();
        SortedMap<String, Object> facts = new TreeMap<>();
        facts.put("base_model", done.subject().baseModel());
        facts.put("failed", Boolean.toString(done.failed()));
        if (done.read() > 0) {
            facts.put("tokens_read", done.read());
        }
        if (done.written() > 0) {
            facts.put("tokens_written", done.written());
        }
        return facts;
    }
}
