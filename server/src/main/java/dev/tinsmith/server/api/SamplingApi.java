package dev.tinsmith.server.api;

import dev.tinsmith.engine.Outcome;
import dev.tinsmith.protocol.Futures.Promised;
import dev.tinsmith.protocol.Sampling;
import dev.tinsmith.protocol.codec.Json;
import dev.tinsmith.server.auth.Caller;
import dev.tinsmith.server.catalog.Catalog;
import dev.tinsmith.server.checkpoint.Checkpoint;
import dev.tinsmith.server.checkpoint.CheckpointKind;
import dev.tinsmith.server.checkpoint.CheckpointPath;
import dev.tinsmith.server.checkpoint.Checkpoints;
import dev.tinsmith.server.future.Answer;
import dev.tinsmith.server.future.FutureId;
import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.http.Refusal;
import dev.tinsmith.server.http.Reply;
import dev.tinsmith.server.http.Request;
import dev.tinsmith.server.journal.Verb;
import dev.tinsmith.server.queue.Letter;
import dev.tinsmith.server.run.SessionId;
import dev.tinsmith.server.sampling.Sampler;
import dev.tinsmith.server.sampling.SamplerId;
import dev.tinsmith.server.sampling.Samplers;
import dev.tinsmith.server.session.Sessions;
import dev.tinsmith.server.wire.Names;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/// Text comes out.
final class SamplingApi {
    private final Sessions sessions;
    private final Samplers samplers;
    private final Catalog catalog;
    private final Checkpoints checkpoints;
    private final Supplier<Long> seeds;

    SamplingApi(Api.Rooms rooms, Supplier<Long> seeds) {
        this.sessions = rooms.sessions();
        this.samplers = rooms.samplers();
        this.catalog = rooms.catalog();
        this.checkpoints = rooms.checkpoints();
        this.seeds = seeds;
    }

    Reply open(Request request) {
        Sampling.CreateSession asked = Json.read(request.body(), Sampling.CreateSession.class);
        Owner owner = Caller.current().owner();
        SessionId session = Names.session(asked.sessionId());
        sessions.alive(owner, session);
        Sampler sampler =
                asked.modelPath()
                        .map(path -> ofCheckpoint(owner, session, asked, path))
                        .orElseGet(() -> ofBase(owner, session, asked));
        return Reply.json(new Sampling.SessionCreated(sampler.id().value()));
    }

    private Sampler ofBase(Owner owner, SessionId session, Sampling.CreateSession asked) {
        String name =
                asked.baseModel()
                        .orElseThrow(() ->
                                Refusal.bad(
                                        "base_model and model_path are both missing; one must say what to sample from"));
        Catalog.Model base = Border.base(catalog, "base_model", name);
        return Names.said(
                () -> samplers.ofBase(owner, session, asked.samplingSessionSeqId(), base.base()));
    }

    private Sampler ofCheckpoint(
            Owner owner, SessionId session, Sampling.CreateSession asked, String text) {
        CheckpointPath path = Names.path("model_path", text);
        if (path.kind() != CheckpointKind.SAMPLER_WEIGHTS) {
            throw Refusal.bad(
                    "model_path is '%s', which is not for sampling; save with save_weights_for_sampler, or use one of %s"
                            .formatted(text, ofSameRun(owner, path)));
        }
        Checkpoint checkpoint =
                checkpoints
                        .readable(owner, path)
                        .orElseThrow(() ->
                                Refusal.missing(
                                        "there is no checkpoint '%s'; this run has %s"
                                                .formatted(text, ofSameRun(owner, path))));
        Catalog.Model base =
                Border.base(catalog, "the base model of model_path", checkpoint.baseModel());
        return Names.said(() ->
                samplers.ofCheckpoint(
                        owner, session, asked.samplingSessionSeqId(), base.base(), checkpoint));
    }

    /// What the client may have meant.
    private List<String> ofSameRun(Owner owner, CheckpointPath path) {
        return checkpoints.ofRun(owner, path.run()).stream()
                .map(Checkpoint::path)
                .filter(there -> there.kind() == CheckpointKind.SAMPLER_WEIGHTS)
                .map(CheckpointPath::toString)
                .toList();
    }

    Reply sampler(Request request) {
        Sampler sampler = find(request.part("id"));
        return Reply.json(
                new Sampling.Sampler(
                        sampler.id().value(),
                        sampler.base().name(),
                        sampler.path().map(CheckpointPath::toString)));
    }

    Reply join(Request request) {
        Sampling.Join asked = Json.read(request.body(), Sampling.Join.class);
        return Reply.json(
                new Sampling.Joined(
                        Math.toIntExact(samplers.join(find(asked.samplingSessionId())))));
    }

    Reply sample(Request request) {
        byte[] body = request.body();
        Sampling.Sample asked = Json.read(body, Sampling.Sample.class);
        FutureId id = sample(asked, body);
        return Reply.json(
                new Promised(
                        id.value(),
                        Optional.empty(),
                        Optional.of(
                                IntStream.range(0, asked.numSamples())
                                        .mapToObj(i -> id.value() + ":" + i)
                                        .toList())));
    }

    FutureId sample(byte[] body) {
        return sample(Json.read(body, Sampling.Sample.class), body);
    }

    private FutureId sample(Sampling.Sample asked, byte[] body) {
        Sampler sampler = find(asked.samplingSessionId());
        refuseOtherWeights(asked, sampler);
        Catalog.Model base =
                Border.base(catalog, "the base model of this sampler", sampler.base().name());
        Draw draw = new Draw(base.vocabulary(), base.context(), base.ends(), base::stops, seeds);
        Optional<Sampling.Targets> targets = asked.targetPromptLogprobs();
        Letter letter =
                new Letter(
                        Verb.SAMPLE,
                        body,
                        outcome ->
                                new Answer(
                                        Answer.Form.SAMPLED,
                                        Draw.told((Outcome.Sampled) outcome, targets)));
        return Names.said(() ->
                samplers.draw(
                        sampler,
                        asked.seqId(),
                        Optional.of(letter),
                        weights -> draw.sample(asked, weights)));
    }

    /// Some clients repeat what the session says already.
    private static void refuseOtherWeights(Sampling.Sample asked, Sampler sampler) {
        refuseUnless("type", asked.type(), "sample");
        refuseUnless("base_model", asked.baseModel(), sampler.base().name());
        refuseUnless(
                "model_path",
                asked.modelPath(),
                sampler.path().map(CheckpointPath::toString).orElse("no path"));
    }

    private static void refuseUnless(String field, Optional<String> said, String known) {
        if (said.filter(value -> !value.equals(known)).isPresent()) {
            throw Refusal.bad(
                    "%s is '%s', but this sampling session has %s; leave it out"
                            .formatted(field, said.orElse(""), known));
        }
    }

    private Sampler find(String id) {
        return samplers.find(Caller.current().owner(), Names.said(() -> new SamplerId(id)));
    }
}
