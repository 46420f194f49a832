package dev.tinsmith.server.rest;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tinsmith.engine.RunId;
import dev.tinsmith.protocol.Rest;
import dev.tinsmith.protocol.Weights;
import dev.tinsmith.protocol.codec.Json;
import dev.tinsmith.server.auth.Caller;
import dev.tinsmith.server.checkpoint.Checkpoint;
import dev.tinsmith.server.checkpoint.CheckpointPath;
import dev.tinsmith.server.checkpoint.Checkpoints;
import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.http.Refusal;
import dev.tinsmith.server.http.Reply;
import dev.tinsmith.server.http.Request;
import dev.tinsmith.server.session.Sessions;
import dev.tinsmith.server.wire.Names;
import dev.tinsmith.server.wire.Scope;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// What may be done with a checkpoint that is there.
final class CheckpointsApi {
    private final Checkpoints checkpoints;
    private final Sessions sessions;

    CheckpointsApi(Checkpoints checkpoints, Sessions sessions) {
        this.checkpoints = checkpoints;
        this.sessions = sessions;
    }

    Reply delete(Request request) {
        CheckpointPath path = path(request);
        return done(path, checkpoints.delete(owner(), path));
    }

    Reply timeToLive(Request request) {
        CheckpointPath path = path(request);
        Optional<Duration> timeToLive =
                Names.timeToLive(Json.read(request.body(), Rest.TimeToLive.class).ttlSeconds());
        return done(path, checkpoints.keep(owner(), path, timeToLive));
    }

    Reply publish(Request request) {
        CheckpointPath path = path(request);
        return done(path, checkpoints.publish(owner(), path, true));
    }

    Reply unpublish(Request request) {
        CheckpointPath path = path(request);
        return done(path, checkpoints.publish(owner(), path, false));
    }

    /// The run that a copy belongs to is named after its place in the session or the key of the
    /// request, so that a request that comes again finds the copy that it made, even after a
    /// restart.
    Reply copy(Request request) {
        Weights.Copy asked = Json.read(request.body(), Weights.Copy.class);
        if (asked.weightsAccessToken().isPresent()
                || request.header("X-Tinker-Weights-Access-Token").isPresent()) {
            throw Refusal.bad(
                    "weights_access_token is not known to this server; leave it out, and have the owner publish the checkpoint");
        }
        Scope.project("destination_project_id", asked.destinationProjectId());
        CheckpointPath source = Names.path("source_path", asked.sourcePath());
        Optional<Duration> timeToLive = Names.timeToLive(asked.ttlSeconds());
        RunId into = slot(asked).orElseGet(() -> into(request.header("X-Idempotency-Key")));
        List<Checkpoint> known = checkpoints.ofRun(owner(), into);
        if (!known.isEmpty()) {
            same(known.getFirst().path(), source);
            return Reply.json(new Weights.Copied(known.getFirst().path().toString()));
        }
        Checkpoint from =
                checkpoints
                        .readable(owner(), source)
                        .orElseThrow(() -> missing("source_path", source));
        Checkpoint copy = checkpoints.copy(owner(), from, into, timeToLive);
        return Reply.json(new Weights.Copied(copy.path().toString()));
    }

    private static void same(CheckpointPath made, CheckpointPath asked) {
        if (made.kind() != asked.kind() || !made.name().equals(asked.name())) {
            throw Refusal.bad(
                    "the X-Idempotency-Key, or the model_seq_id of this session_id, was used to copy %s/%s; send another to copy '%s'"
                            .formatted(made.kind().segment(), made.name(), asked));
        }
    }

    /// Where in its session a copy goes, if the client says so; older ones do.
    private Optional<RunId> slot(Weights.Copy asked) {
        if (asked.sessionId().isPresent() != asked.modelSeqId().isPresent()) {
            throw Refusal.bad(
                    "session_id and model_seq_id say together where a copy goes; send both, or leave both out for a run of its own");
        }
        return asked.sessionId()
                .map(Names::session)
                .map(session -> {
                    sessions.alive(owner(), session);
                    return Names.said(() -> session.copy(asked.modelSeqId().orElseThrow()));
                });
    }

    private static RunId into(Optional<String> key) {
        UUID name =
                key.map(given -> UUID.nameUUIDFromBytes((owner() + "/" + given).getBytes(UTF_8)))
                        .orElseGet(UUID::randomUUID);
        return new RunId(name + ":copy:0");
    }

    private static Owner owner() {
        return Caller.current().owner();
    }

    private static Reply done(CheckpointPath path, boolean there) {
        if (!there) {
            throw missing("the address", path);
        }
        return Reply.json(new Rest.Nothing());
    }

    private static Refusal missing(String field, CheckpointPath path) {
        return Refusal.missing(
                "%s: there is no checkpoint '%s'; list them with training_runs/%s/checkpoints"
                        .formatted(field, path, path.run()));
    }

    private static CheckpointPath path(Request request) {
        return Names.path(
                "the address",
                "tinker://%s/%s/%s"
                        .formatted(
                                request.part("run"), request.part("kind"), request.part("name")));
    }
}
