package dev.tinsmith.server.rest;

import dev.tinsmith.server.auth.Credentials;
import dev.tinsmith.server.checkpoint.Checkpoints;
import dev.tinsmith.server.http.Handler;
import dev.tinsmith.server.http.Route;
import dev.tinsmith.server.http.Route.Method;
import dev.tinsmith.server.run.Runs;
import dev.tinsmith.server.sampling.Samplers;
import dev.tinsmith.server.session.Sessions;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The endpoints of this room, by what lets a caller in.
public final class Management {
    private static final String RUN = "training_runs/{run}";
    private static final String CHECKPOINT = RUN + "/checkpoints/{kind}/{name}";
    private static final String SESSION = "sessions/{id}";

    private final List<Route> keyed = new ArrayList<>();
    private final List<Route> open = new ArrayList<>();

    public Management(Rooms rooms, Settings settings) {
        AddressBook addresses =
                new AddressBook(settings.clock(), settings.lifetime(), settings.externalUrl());
        keys(new AuthApi(rooms.credentials()));
        runs(new RestApi(rooms.runs(), rooms.checkpoints()));
        checkpoints(new CheckpointsApi(rooms.checkpoints(), rooms.sessions()));
        downloads(new DownloadsApi(rooms.checkpoints(), addresses));
        archives(new ArchivesApi(rooms.checkpoints(), addresses));
        sessions(
                new SessionsApi(
                        rooms.sessions(), rooms.runs(), rooms.samplers(), rooms.checkpoints()));
        usage(
                new UsageApi(
                        rooms.records(), rooms.sessions(), rooms.checkpoints(), settings.clock()));
        audit(new AuditApi(rooms.records().audit(), settings.clock()));
        traces(new TraceApi(rooms.sessions(), rooms.records().traces(), addresses));
    }

    /// Whom the endpoints ask.
    public record Rooms(
            Credentials credentials,
            Sessions sessions,
            Runs runs,
            Samplers samplers,
            Checkpoints checkpoints,
            Records records) {}

    /// What the endpoints need to know beside.
    ///
    /// @param lifetime of an address that works without a key
    /// @param externalUrl what clients reach this server as, if not as the `Host` they name
    public record Settings(InstantSource clock, Duration lifetime, Optional<URI> externalUrl) {}

    /// Those that ask for a key; their paths begin after `/api/v1/`.
    public List<Route> keyed() {
        return List.copyOf(keyed);
    }

    /// Those whose address is all that is needed.
    public List<Route> open() {
        return List.copyOf(open);
    }

    private void keys(AuthApi auth) {
        keyed(Method.POST, "auth/token", auth::token);
        keyed(Method.GET, "auth/apikey/me", auth::keyOwner);
        keyed(Method.DELETE, "auth/apikey/me", auth::deleteKey);
    }

    private void runs(RestApi rest) {
        keyed(Method.GET, "training_runs", rest::runs);
        keyed(Method.GET, RUN, rest::run);
        keyed(Method.GET, RUN + "/checkpoints", rest::ofRun);
        keyed(Method.GET, "checkpoints", rest::checkpoints);
    }

    private void checkpoints(CheckpointsApi checkpoints) {
        keyed(Method.DELETE, CHECKPOINT, checkpoints::delete);
        keyed(Method.PUT, CHECKPOINT + "/ttl", checkpoints::timeToLive);
        keyed(Method.POST, CHECKPOINT + "/publish", checkpoints::publish);
        keyed(Method.DELETE, CHECKPOINT + "/publish", checkpoints::unpublish);
        keyed(Method.POST, "copy_weights", checkpoints::copy);
    }

    private void downloads(DownloadsApi downloads) {
        keyed(
                Method.GET,
                RUN + "/checkpoints/external_weights/{name}/external_weights_urls",
                downloads::urls);
        open.add(new Route(Method.GET, DownloadsApi.ADDRESS, downloads::file));
    }

    private void archives(ArchivesApi archives) {
        keyed(Method.GET, CHECKPOINT + "/archive", archives::url);
        open.add(new Route(Method.GET, ArchivesApi.ADDRESS, archives::file));
    }

    private void sessions(SessionsApi sessions) {
        keyed(Method.GET, "sessions", sessions::list);
        keyed(Method.POST, "sessions/search", sessions::search);
        keyed(Method.GET, SESSION, sessions::one);
        keyed(Method.PUT, SESSION + "/project", sessions::move);
    }

    private void usage(UsageApi usage) {
        keyed(Method.GET, "billing/usage/events", usage::events);
        keyed(Method.GET, "billing/usage/checkpoints/current", usage::storage);
    }

    private void audit(AuditApi audit) {
        keyed(Method.GET, "audit", audit::entries);
    }

    private void traces(TraceApi traces) {
        keyed(Method.GET, SESSION + "/trace_export", traces::export);
        open.add(new Route(Method.GET, TraceApi.ADDRESS, traces::file));
    }

    private void keyed(Method method, String path, Handler handler) {
        keyed.add(new Route(method, path, handler));
    }
}
