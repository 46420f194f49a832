package dev.tinsmith.server.api;

import dev.tinsmith.protocol.Metadata;
import dev.tinsmith.protocol.Rest;
import dev.tinsmith.protocol.TinkerPath;
import dev.tinsmith.protocol.codec.Json;
import dev.tinsmith.server.auth.Caller;
import dev.tinsmith.server.checkpoint.Checkpoint;
import dev.tinsmith.server.checkpoint.CheckpointKind;
import dev.tinsmith.server.checkpoint.CheckpointPath;
import dev.tinsmith.server.checkpoint.Checkpoints;
import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.http.Refusal;
import dev.tinsmith.server.http.Reply;
import dev.tinsmith.server.http.Request;
import dev.tinsmith.server.run.RunFacts;
import dev.tinsmith.server.run.Runs;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// What there is: runs, and the checkpoints they left.
final class RestApi {
    /// How many entries one page may hold.
    private static final int MAX_PAGE = 1000;

    private static final List<String> SCOPES = List.of("owned", "accessible");

    private final Runs runs;
    private final Checkpoints checkpoints;

    RestApi(Runs runs, Checkpoints checkpoints) {
        this.runs = runs;
        this.checkpoints = checkpoints;
    }

    Reply runs(Request request) {
        scope(request);
        List<RunFacts> all = runs.list(owner());
        Page page = Page.of(request, 20, all.size());
        return Reply.json(
                new Rest.TrainingRuns(
                        page.cut(all).stream().map(this::told).toList(), page.cursor()));
    }

    Reply run(Request request) {
        scope(request);
        return Reply.json(told(runs.facts(owner(), Border.runId(request.part("run")))));
    }

    Reply ofRun(Request request) {
        RunFacts run = runs.facts(owner(), Border.runId(request.part("run")));
        List<Rest.Checkpoint> all =
                checkpoints.ofRun(owner(), run.id()).stream().map(RestApi::told).toList();
        return Reply.json(new Rest.Checkpoints(all, new Rest.Cursor(0, all.size(), all.size())));
    }

    Reply checkpoints(Request request) {
        List<Checkpoint> all = checkpoints.list(owner());
        Page page = Page.of(request, 100, all.size());
        return Reply.json(
                new Rest.Checkpoints(
                        page.cut(all).stream().map(RestApi::told).toList(), page.cursor()));
    }

    Reply delete(Request request) {
        CheckpointPath path = path(request);
        if (!checkpoints.delete(owner(), path)) {
            throw missing(path);
        }
        return Reply.json(new Rest.Nothing());
    }

    Reply timeToLive(Request request) {
        CheckpointPath path = path(request);
        Optional<Duration> timeToLive =
                Border.timeToLive(Json.read(request.body(), Rest.TimeToLive.class).ttlSeconds());
        if (!checkpoints.keep(owner(), path, timeToLive)) {
            throw missing(path);
        }
        return Reply.json(new Rest.Nothing());
    }

    private static Owner owner() {
        return Caller.current().owner();
    }

    private static Refusal missing(CheckpointPath path) {
        return Refusal.missing("there is no checkpoint '%s'".formatted(path));
    }

    private static CheckpointPath path(Request request) {
        return Border.path(
                "the address",
                "tinker://%s/%s/%s"
                        .formatted(
                                request.part("run"), request.part("kind"), request.part("name")));
    }

    private static void scope(Request request) {
        String scope = request.query("access_scope").orElse("owned");
        if (!SCOPES.contains(scope)) {
            throw Refusal.bad(
                    "access_scope is '%s'; it must be one of %s".formatted(scope, SCOPES));
        }
        if (request.query("project_id").isPresent()) {
            throw Refusal.bad(
                    "project_id is '%s', and this server has no projects; leave it out"
                            .formatted(request.query("project_id").get()));
        }
    }

    private Rest.TrainingRun told(RunFacts run) {
        return new Rest.TrainingRun(
                run.id().value(),
                run.baseModel(),
                run.owner().value(),
                true,
                false,
                run.lora().rank(),
                run.lastRequest(),
                last(run, CheckpointKind.WEIGHTS),
                last(run, CheckpointKind.SAMPLER_WEIGHTS),
                new Metadata(run.metadata()));
    }

    private Optional<Rest.Checkpoint> last(RunFacts run, CheckpointKind kind) {
        return checkpoints.ofRun(run.owner(), run.id()).stream()
                .filter(checkpoint -> checkpoint.path().kind() == kind)
                .findFirst()
                .map(RestApi::told);
    }

    private static Rest.Checkpoint told(Checkpoint checkpoint) {
        TinkerPath path = Border.told(checkpoint.path());
        return new Rest.Checkpoint(
                path.checkpointId(),
                path.kind().type(),
                checkpoint.time(),
                path.toString(),
                checkpoint.size(),
                false,
                new Metadata(checkpoint.metadata()),
                checkpoint.expires());
    }

    /// A stretch of a list.
    private record Page(int offset, int limit, int total) {
        static Page of(Request request, int usual, int total) {
            return new Page(
                    number(request, "offset", 0, Integer.MAX_VALUE),
                    number(request, "limit", usual, MAX_PAGE),
                    total);
        }

        <T> List<T> cut(List<T> all) {
            int from = Math.min(offset, all.size());
            return all.subList(from, Math.min(all.size(), from + limit));
        }

        Rest.Cursor cursor() {
            return new Rest.Cursor(offset, limit, total);
        }

        private static int number(Request request, String name, int usual, int most) {
            String text = request.query(name).orElse(Integer.toString(usual));
            if (!text.matches("\\d{1,9}") || Integer.parseInt(text) > most) {
                throw Refusal.bad("%s is '%s'; it must be 0 to %d".formatted(name, text, most));
            }
            return Integer.parseInt(text);
        }
    }
}
