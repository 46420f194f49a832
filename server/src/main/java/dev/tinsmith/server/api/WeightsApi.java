package dev.tinsmith.server.api;

import dev.tinsmith.engine.RunId;
import dev.tinsmith.engine.format.AgeRecipient;
import dev.tinsmith.protocol.Futures.Promised;
import dev.tinsmith.protocol.Metadata;
import dev.tinsmith.protocol.Models;
import dev.tinsmith.protocol.TinkerPath.Kind;
import dev.tinsmith.protocol.Training.Address;
import dev.tinsmith.protocol.Weights;
import dev.tinsmith.protocol.codec.Canonical;
import dev.tinsmith.protocol.codec.Json;
import dev.tinsmith.server.auth.Caller;
import dev.tinsmith.server.catalog.Catalog;
import dev.tinsmith.server.checkpoint.Checkpoint;
import dev.tinsmith.server.checkpoint.CheckpointKind;
import dev.tinsmith.server.checkpoint.CheckpointPath;
import dev.tinsmith.server.checkpoint.Checkpoints;
import dev.tinsmith.server.future.FutureId;
import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.http.Refusal;
import dev.tinsmith.server.http.Reply;
import dev.tinsmith.server.http.Request;
import dev.tinsmith.server.journal.Verb;
import dev.tinsmith.server.queue.Job;
import dev.tinsmith.server.queue.Letter;
import dev.tinsmith.server.queue.Restoring;
import dev.tinsmith.server.queue.Saving;
import dev.tinsmith.server.run.NewRun;
import dev.tinsmith.server.run.Run;
import dev.tinsmith.server.run.Runs;
import dev.tinsmith.server.run.SessionId;
import dev.tinsmith.server.sampling.SamplerId;
import dev.tinsmith.server.sampling.Samplers;
import dev.tinsmith.server.sampling.SnapshotKind;
import dev.tinsmith.server.session.Sessions;
import dev.tinsmith.server.wire.Names;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// Adapters come to rest, and back.
final class WeightsApi {
    private static final int MAX_RECIPIENTS = 10;

    private final Operations operations;
    private final Sessions sessions;
    private final Catalog catalog;
    private final Runs runs;
    private final Checkpoints checkpoints;
    private final Samplers samplers;

    WeightsApi(Operations operations, Api.Rooms rooms) {
        this.operations = operations;
        this.sessions = rooms.sessions();
        this.catalog = rooms.catalog();
        this.runs = rooms.runs();
        this.checkpoints = rooms.checkpoints();
        this.samplers = rooms.samplers();
    }

    Reply save(Request request) {
        byte[] body = request.body();
        return promised(body, () -> save(body));
    }

    FutureId save(byte[] body) {
        Weights.Save asked = Json.read(body, Weights.Save.class);
        return keep(
                operations.run(asked.modelId()),
                asked.seqId(),
                body,
                new Keeping(
                        Kind.WEIGHTS,
                        asked.path(),
                        asked.ttlSeconds(),
                        asked.overwrite().orElse(false),
                        asked.userMetadata().orElse(Metadata.NONE)));
    }

    Reply saveForSampler(Request request) {
        byte[] body = request.body();
        return promised(body, () -> saveForSampler(body));
    }

    FutureId saveForSampler(byte[] body) {
        Weights.SaveForSampler asked = Json.read(body, Weights.SaveForSampler.class);
        Run run = operations.run(asked.modelId());
        SnapshotKind kind = kind(asked.kind());
        return asked.path()
                .map(name ->
                        keep(
                                run,
                                asked.seqId(),
                                body,
                                new Keeping(
                                        Kind.SAMPLER_WEIGHTS,
                                        name,
                                        asked.ttlSeconds(),
                                        false,
                                        asked.userMetadata().orElse(Metadata.NONE))))
                .orElseGet(() -> snapshot(run, body, asked, kind));
    }

    Reply saveExternal(Request request) {
        byte[] body = request.body();
        return promised(body, () -> saveExternal(body));
    }

    FutureId saveExternal(byte[] body) {
        Weights.SaveExternal asked = Json.read(body, Weights.SaveExternal.class);
        return keep(
                operations.run(asked.modelId()),
                asked.seqId(),
                body,
                new Keeping(
                        Kind.EXTERNAL_WEIGHTS,
                        asked.path(),
                        asked.ttlSeconds(),
                        false,
                        Metadata.NONE,
                        recipients(asked)));
    }

    Reply load(Request request) {
        byte[] body = request.body();
        Weights.Load asked = operations.numbered(body, () -> Json.read(body, Weights.Load.class));
        if (asked.modelId().isPresent()) {
            return promised(body, () -> into(body, asked));
        }
        FutureId id = create(body, asked);
        return Reply.json(Promised.of(id.value(), made(asked).value()));
    }

    /// Into a run, or as a new one.
    FutureId load(byte[] body) {
        Weights.Load asked = Json.read(body, Weights.Load.class);
        return asked.modelId().isPresent() ? into(body, asked) : create(body, asked);
    }

    Reply info(Request request) {
        Weights.InfoRequest asked = Json.read(request.body(), Weights.InfoRequest.class);
        Checkpoint checkpoint = find(Names.path("tinker_path", asked.tinkerPath()));
        return Reply.json(
                new Weights.Info(
                        checkpoint.baseModel(),
                        true,
                        checkpoint.lora().rank(),
                        checkpoint.lora().unembed(),
                        checkpoint.lora().mlp(),
                        checkpoint.lora().attn(),
                        Models.Optimizer.ADAMW));
    }

    private Reply promised(byte[] body, Supplier<FutureId> submitting) {
        FutureId id = operations.numbered(body, submitting);
        return Reply.json(Promised.of(id.value(), Json.read(body, Address.class).modelId()));
    }

    /// Under which name, for how long.
    private record Keeping(
            Kind kind,
            String name,
            Optional<Long> timeToLive,
            boolean overwrite,
            Metadata metadata,
            List<AgeRecipient> recipients) {
        /// Files that anyone may read who may fetch them.
        Keeping(
                Kind kind,
                String name,
                Optional<Long> timeToLive,
                boolean overwrite,
                Metadata metadata) {
            this(kind, name, timeToLive, overwrite, metadata, List.of());
        }
    }

    private static List<AgeRecipient> recipients(Weights.SaveExternal asked) {
        List<String> named = asked.ageEncryptionRecipients().orElse(List.of());
        if (named.size() > MAX_RECIPIENTS) {
            throw Refusal.bad(
                    "age_encryption_recipients has %d entries; there may be at most %d"
                            .formatted(named.size(), MAX_RECIPIENTS));
        }
        return Border.checked(
                "age_encryption_recipients",
                () -> named.stream().map(AgeRecipient::parse).toList());
    }

    private FutureId keep(Run run, long sequence, byte[] body, Keeping keeping) {
        Optional<Duration> timeToLive = Names.timeToLive(keeping.timeToLive());
        CheckpointPath path = Names.checkpoint("path", run.id(), keeping.kind(), keeping.name());
        Saving saving =
                new Saving(
                        run.id(),
                        run.saving(
                                        sequence,
                                        path,
                                        keeping.overwrite(),
                                        keeping.metadata().values(),
                                        timeToLive)
                                .encryptedFor(keeping.recipients()),
                        checkpoints);
        Letter letter =
                new Letter(
                        written(keeping.kind()),
                        body,
                        Promises.saying(new Weights.Saved(path.toString(), Optional.empty())));
        return run.lane().submit(sequence, Canonical.of(body).sha256(), saving.sentAs(letter));
    }

    private static Verb written(Kind kind) {
        return switch (kind) {
            case WEIGHTS -> Verb.SAVE;
            case SAMPLER_WEIGHTS -> Verb.SAVE_FOR_SAMPLER;
            case EXTERNAL_WEIGHTS -> Verb.SAVE_EXTERNAL;
        };
    }

    private FutureId snapshot(
            Run run, byte[] body, Weights.SaveForSampler asked, SnapshotKind kind) {
        long number =
                asked.samplingSessionSeqId()
                        .orElseThrow(() ->
                                Refusal.bad(
                                        "path and sampling_session_seq_id are both missing; one must say where the weights go"));
        if (asked.ttlSeconds().isPresent()) {
            throw Refusal.bad(
                    "ttl_seconds is for weights with a name; send path too, or leave it out, and they last as long as the session");
        }
        SamplerId sampler = Names.said(() -> samplers.named(run, number));
        Letter letter =
                new Letter(
                        written(Kind.SAMPLER_WEIGHTS),
                        body,
                        Promises.saying(new Weights.SavedForSession(sampler.value())));
        return run.lane()
                .submit(
                        asked.seqId(),
                        Canonical.of(body).sha256(),
                        samplers.snapshot(run, number, kind).sentAs(letter));
    }

    private static SnapshotKind kind(Optional<String> asked) {
        String word = asked.orElse(SnapshotKind.SNAPSHOT.word());
        return SnapshotKind.of(word)
                .orElseThrow(() ->
                        Refusal.bad(
                                "kind is '%s'; it must be one of %s"
                                        .formatted(
                                                word,
                                                Arrays.stream(SnapshotKind.values())
                                                        .map(SnapshotKind::word)
                                                        .toList())));
    }

    private FutureId into(byte[] body, Weights.Load asked) {
        Address address = Json.read(body, Address.class);
        Run run = operations.run(address.modelId());
        if (asked.optimizerConfig().isPresent()) {
            throw Refusal.bad(
                    "optimizer_config is for a new run; this one has its optimizer, so leave it out");
        }
        CheckpointPath path = training(asked);
        Checkpoint checkpoint = find(path);
        if (!checkpoint.baseModel().equals(run.base().name())) {
            throw Refusal.bad(
                    "path is of the base model '%s', and this run's is '%s'; load it into a run of the same base model"
                            .formatted(checkpoint.baseModel(), run.base().name()));
        }
        Job job =
                new Restoring(
                        run.id(), run.base(), run.owner(), path, asked.optimizer(), checkpoints);
        return run.lane()
                .submit(
                        address.seqId(),
                        Canonical.of(body).sha256(),
                        job.sentAs(loading(body, asked, address.modelId())));
    }

    private static Letter loading(byte[] body, Weights.Load asked, String run) {
        return new Letter(Verb.LOAD, body, Promises.saying(new Weights.Loaded(asked.path(), run)));
    }

    private static SessionId session(Weights.Load asked) {
        return Names.session(
                asked.sessionId()
                        .orElseThrow(() ->
                                Refusal.bad(
                                        "model_id and session_id are both missing; one must say where the weights go")));
    }

    private static int number(Weights.Load asked) {
        return asked.modelSeqId()
                .orElseThrow(
                        () -> Refusal.bad("model_seq_id is missing; it must number the new run"));
    }

    /// The run that a load makes.
    private static RunId made(Weights.Load asked) {
        return session(asked).run(number(asked));
    }

    private FutureId create(byte[] body, Weights.Load asked) {
        Owner owner = Caller.current().owner();
        SessionId session = session(asked);
        int number = number(asked);
        sessions.alive(owner, session);
        Border.optimizer(asked.optimizerConfig());
        CheckpointPath path = training(asked);
        Checkpoint checkpoint = find(path);
        String base = asked.baseModel().orElse(checkpoint.baseModel());
        if (!base.equals(checkpoint.baseModel())) {
            throw Refusal.bad(
                    "base_model is '%s', and path is of '%s'; leave base_model out"
                            .formatted(base, checkpoint.baseModel()));
        }
        NewRun run =
                Border.run(
                        owner,
                        session,
                        number,
                        Canonical.of(body),
                        Border.base(catalog, "the base model of path", base).base(),
                        checkpoint.lora(),
                        asked.userMetadata().orElse(Metadata.NONE));
        Letter letter = loading(body, asked, run.id().value());
        return runs.restore(run.askedWith(letter), path, asked.optimizer());
    }

    private static CheckpointPath training(Weights.Load asked) {
        if (asked.weightsAccessToken().isPresent()) {
            throw Refusal.bad(
                    "weights_access_token is not known to this server, which has one owner; leave it out");
        }
        CheckpointPath path = Names.path("path", asked.path());
        if (path.kind() != CheckpointKind.WEIGHTS) {
            throw Refusal.bad(
                    "path is '%s', which training cannot go on from; use one that save_weights gave"
                            .formatted(asked.path()));
        }
        return path;
    }

    private Checkpoint find(CheckpointPath path) {
        return checkpoints
                .readable(Caller.current().owner(), path)
                .orElseThrow(() -> Refusal.missing("there is no checkpoint '%s'".formatted(path)));
    }
}
