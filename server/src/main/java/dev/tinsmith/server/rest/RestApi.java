package dev.tinsmith.server.rest;

import dev.tinsmith.protocol.Metadata;
import dev.tinsmith.protocol.Rest;
import dev.tinsmith.protocol.TinkerPath;
import dev.tinsmith.server.auth.Caller;
import dev.tinsmith.server.checkpoint.Checkpoint;
import dev.tinsmith.server.checkpoint.CheckpointKind;
import dev.tinsmith.server.checkpoint.Checkpoints;
import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.http.Reply;
import dev.tinsmith.server.http.Request;
import dev.tinsmith.server.run.RunFacts;
import dev.tinsmith.server.run.Runs;
import dev.tinsmith.server.wire.Names;
import dev.tinsmith.server.wire.Page;
import dev.tinsmith.server.wire.Reader;
import dev.tinsmith.server.wire.Scope;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What there is: runs, and the checkpoints they left.
final class RestApi {
    private final Runs runs;
    private final Checkpoints checkpoints;

    RestApi(Runs runs, Checkpoints checkpoints) {
        this.runs = runs;
        this.checkpoints = checkpoints;
    }

    Reply runs(Request request) {
        Scope.check(request);
        List<RunFacts> all = runs.list(owner());
        Page page = Page.of(request, 20, all.size());
        return Reply.json(
                new Rest.TrainingRuns(
                        page.cut(all).stream().map(this::told).toList(), page.cursor()));
    }

    Reply run(Request request) {
        Scope.check(request);
        return Reply.json(told(runs.facts(owner(), Names.runId(request.part("run")))));
    }

    Reply ofRun(Request request) {
        RunFacts run = runs.facts(owner(), Names.runId(request.part("run")));
        List<Rest.Checkpoint> all =
                readable(request, checkpoints.ofRun(owner(), run.id())).map(RestApi::told).toList();
        return Reply.json(new Rest.Checkpoints(all, new Rest.Cursor(0, all.size(), all.size())));
    }

    Reply checkpoints(Request request) {
        Scope.check(request);
        List<Checkpoint> all = readable(request, checkpoints.list(owner())).toList();
        Page page = Page.of(request, 100, all.size());
        return Reply.json(
                new Rest.Checkpoints(
                        page.cut(all).stream().map(RestApi::told).toList(), page.cursor()));
    }

    private static Stream<Checkpoint> readable(Request request, List<Checkpoint> all) {
        boolean external = Reader.knowsExternal(request);
        return all.stream()
                .filter(each -> external || each.path().kind() != CheckpointKind.EXTERNAL_WEIGHTS);
    }

    private static Owner owner() {
        return Caller.current().owner();
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
        TinkerPath path = Names.told(checkpoint.path());
        return new Rest.Checkpoint(
                path.checkpointId(),
                path.kind().type(),
                checkpoint.time(),
                path.toString(),
                checkpoint.size(),
                checkpoint.isPublic(),
                new Metadata(checkpoint.metadata()),
                checkpoint.expires());
    }
}
