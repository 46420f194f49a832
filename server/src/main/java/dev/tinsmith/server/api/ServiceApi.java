package dev.tinsmith.server.api;

import dev.tinsmith.protocol.Metadata;
import dev.tinsmith.protocol.Rest;
import dev.tinsmith.protocol.Service;
import dev.tinsmith.protocol.codec.Json;
import dev.tinsmith.protocol.rest.Telemetry;
import dev.tinsmith.server.auth.Caller;
import dev.tinsmith.server.catalog.Catalog;
import dev.tinsmith.server.http.Refusal;
import dev.tinsmith.server.http.Reply;
import dev.tinsmith.server.http.Request;
import dev.tinsmith.server.session.NewSession;
import dev.tinsmith.server.session.SessionFacts;
import dev.tinsmith.server.session.Sessions;
import dev.tinsmith.server.wire.Names;
import dev.tinsmith.server.wire.Scope;
import java.util.List;
import java.util.function.BooleanSupplier;

/// The visit itself: configuration, session, capabilities.
final class ServiceApi {
    /// How often clients ask again for what may change.
    private static final int REFRESH_SECONDS = 300;

    private static final List<String> REASONS = List.of("success", "errored", "interrupted");

    private final Sessions sessions;
    private final Catalog catalog;
    private final boolean tokens;
    private final ClientFlags flags;
    private final BooleanSupplier ready;

    /// @param tokens whether clients shall change their key for a token
    /// @param ready whether the models are loaded
    ServiceApi(
            Sessions sessions,
            Catalog catalog,
            boolean tokens,
            ClientFlags flags,
            BooleanSupplier ready) {
        this.sessions = sessions;
        this.catalog = catalog;
        this.tokens = tokens;
        this.flags = flags;
        this.ready = ready;
    }

    Reply health(Request request) {
        return Reply.json(new Service.Health("ok", ready.getAsBoolean()));
    }

    Reply config(Request request) {
        Json.read(request.body(), Service.ConfigRequest.class);
        return Reply.json(flags.config(tokens));
    }

    Reply dynamicConfig(Request request) {
        Json.read(request.body(), Service.ConfigRequest.class);
        return Reply.json(new Service.DynamicConfig(REFRESH_SECONDS, flags.cancel()));
    }

    Reply create(Request request) {
        Service.CreateSession asked = Json.read(request.body(), Service.CreateSession.class);
        Scope.project("project_id", asked.projectId());
        return Reply.json(
                new Service.SessionCreated(
                        sessions.create(
                                        Caller.current().owner(),
                                        request.header("X-Idempotency-Key"),
                                        new NewSession(
                                                asked.tags().orElse(List.of()),
                                                asked.userMetadata().orElse(Metadata.NONE).values(),
                                                asked.displayName()))
                                .value()));
    }

    Reply heartbeat(Request request) {
        Service.Heartbeat beat = Json.read(request.body(), Service.Heartbeat.class);
        sessions.alive(Caller.current().owner(), Names.session(beat.sessionId()));
        return Reply.json(Service.HeartbeatHeard.YES);
    }

    Reply finish(Request request) {
        Service.Finish asked = Json.read(request.body(), Service.Finish.class);
        String reason = asked.reason().type();
        if (!REASONS.contains(reason)) {
            throw Refusal.bad(
                    "reason.type is '%s'; it must be one of %s".formatted(reason, REASONS));
        }
        sessions.finish(
                Caller.current().owner(),
                Names.session(request.part("id")),
                new SessionFacts.Finish(reason, asked.detail()));
        return Reply.json(new Rest.Nothing());
    }

    Reply telemetry(Request request) {
        Json.read(request.body(), Telemetry.Send.class);
        return Reply.json(Telemetry.Accepted.YES);
    }

    Reply capabilities(Request request) {
        return Reply.json(
                new Service.Capabilities(
                        catalog.all().stream()
                                .map(model ->
                                        new Service.Capabilities.Model(
                                                model.name(), model.context(), true, true))
                                .toList()));
    }
}
