package dev.tinsmith.server.rest;

import dev.tinsmith.protocol.Metadata;
import dev.tinsmith.protocol.Rest;
import dev.tinsmith.protocol.Service;
import dev.tinsmith.protocol.codec.Json;
import dev.tinsmith.protocol.rest.Sessions.Found;
import dev.tinsmith.protocol.rest.Sessions.Listed;
import dev.tinsmith.protocol.rest.Sessions.Move;
import dev.tinsmith.protocol.rest.Sessions.Search;
import dev.tinsmith.protocol.rest.Sessions.Status;
import dev.tinsmith.protocol.rest.Sessions.Summary;
import dev.tinsmith.protocol.rest.Sessions.Told;
import dev.tinsmith.server.auth.Caller;
import dev.tinsmith.server.checkpoint.Checkpoint;
import dev.tinsmith.server.checkpoint.Checkpoints;
import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.http.Reply;
import dev.tinsmith.server.http.Request;
import dev.tinsmith.server.run.RunFacts;
import dev.tinsmith.server.run.Runs;
import dev.tinsmith.server.run.SessionId;
import dev.tinsmith.server.sampling.SamplerId;
import dev.tinsmith.server.sampling.Samplers;
import dev.tinsmith.server.session.SessionFacts;
import dev.tinsmith.server.session.Sessions;
import dev.tinsmith.server.wire.Names;
import dev.tinsmith.server.wire.Page;
import dev.tinsmith.server.wire.Scope;
import java.util.List;
import java.util.Optional;

/// The visits of clients, and what each of them made.
final class SessionsApi {
    private final Sessions sessions;
    private final Runs runs;
    private final Samplers samplers;
    private final Checkpoints checkpoints;

    SessionsApi(Sessions sessions, Runs runs, Samplers samplers, Checkpoints checkpoints) {
        this.sessions = sessions;
        this.runs = runs;
        this.samplers = samplers;
        this.checkpoints = checkpoints;
    }

    Reply list(Request request) {
        Scope.check(request);
        List<SessionFacts> all = sessions.list(owner());
        return Reply.json(
                new Listed(
                        Page.of(request, 20, all.size()).cut(all).stream()
                                .map(facts -> facts.id().value())
                                .toList()));
    }

    Reply one(Request request) {
        Scope.check(request);
        SessionFacts facts = sessions.facts(owner(), Names.session(request.part("id")));
        return Reply.json(
                new Told(
                        runs.list(owner()).stream()
                                .map(RunFacts::id)
                                .filter(facts.id()::isOf)
                                .map(run -> run.value())
                                .sorted()
                                .toList(),
                        samplers.ofSession(facts.id()).stream().map(SamplerId::value).toList(),
                        new Metadata(facts.told().metadata()),
                        facts.told().displayName()));
    }

    Reply search(Request request) {
        Search asked = Json.read(request.body(), Search.class);
        SessionSearch search = new SessionSearch(asked, Caller.current());
        List<SessionFacts> found = sessions.list(owner()).stream().filter(search::finds).toList();
        List<SessionFacts> page = found.stream().limit(search.limit()).toList();
        return Reply.json(
                new Found(
                        page.stream().map(this::summary).toList(),
                        found.size() > page.size()
                                ? Optional.of(SessionSearch.cursor(page.getLast()))
                                : Optional.empty()));
    }

    /// Everything is in the one project already.
    Reply move(Request request) {
        SessionId id = Names.session(request.part("id"));
        Move asked = Json.read(request.body(), Move.class);
        SessionFacts _ = sessions.facts(owner(), id);
        Scope.project("project_id", Optional.of(asked.projectId()));
        return Reply.json(new Rest.Nothing());
    }

    private Summary summary(SessionFacts facts) {
        List<Checkpoint> left =
                checkpoints.list(facts.owner()).stream()
                        .filter(checkpoint -> facts.id().isOf(checkpoint.path().run()))
                        .toList();
        return new Summary(
                facts.id().value(),
                facts.created(),
                Caller.current().urn(),
                Scope.PROJECT,
                status(facts),
                left.size(),
                facts.told().displayName(),
                new Metadata(facts.told().metadata()),
                left.stream().mapToLong(Checkpoint::size).sum());
    }

    private static Optional<Status> status(SessionFacts facts) {
        if (facts.ending().isEmpty()) {
            return Optional.of(new Status("active", Optional.empty(), Optional.empty()));
        }
        return facts.ending()
                .flatMap(SessionFacts.Ending::finish)
                .map(finish ->
                        new Status(
                                "client_finished",
                                Optional.of(new Service.Finish.Reason(finish.reason())),
                                finish.detail()));
    }

    private static Owner owner() {
        return Caller.current().owner();
    }
}
