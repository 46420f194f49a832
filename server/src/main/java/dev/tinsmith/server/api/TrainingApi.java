package dev.tinsmith.server.api;

import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.LossSpec;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.Work;
import dev.tinsmith.engine.loss.Losses;
import dev.tinsmith.protocol.Futures.Promised;
import dev.tinsmith.protocol.Training;
import dev.tinsmith.protocol.codec.Canonical;
import dev.tinsmith.protocol.codec.Json;
import dev.tinsmith.protocol.codec.PlainPass;
import dev.tinsmith.protocol.codec.Proto;
import dev.tinsmith.server.catalog.Catalog;
import dev.tinsmith.server.future.Answer;
import dev.tinsmith.server.future.FutureId;
import dev.tinsmith.server.http.Reply;
import dev.tinsmith.server.http.Request;
import dev.tinsmith.server.journal.Verb;
import dev.tinsmith.server.queue.Job;
import dev.tinsmith.server.queue.Letter;
import dev.tinsmith.server.run.Run;
import dev.tinsmith.server.wire.Names;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A run learns: passes, and steps of the optimizer.
final class TrainingApi {
    private final Operations operations;
    private final Catalog catalog;
    private final LossesApi losses;

    TrainingApi(Operations operations, Catalog catalog, LossesApi losses) {
        this.operations = operations;
        this.catalog = catalog;
        this.losses = losses;
    }

    Reply forwardBackward(Request request) {
        byte[] body = request.body();
        if (request.header("Content-Type").orElse("").contains("json")) {
            FutureId id = operations.numbered(body, () -> pass(PlainPass.pack(body)));
            return Reply.json(
                    Promised.of(id.value(), Json.read(body, Training.Address.class).modelId()));
        }
        Training.Address address = Proto.address(body);
        FutureId id = operations.numbered(() -> address, () -> pass(body));
        return Reply.json(Promised.of(id.value(), address.modelId()));
    }

    FutureId pass(byte[] body) {
        Proto.Read<Training.ForwardBackward> read = Proto.forwardBackward(body);
        Training.ForwardBackward asked = read.request();
        Run run = operations.run(asked.modelId());
        List<List<Integer>> positions = Border.positions(asked);
        Letter letter =
                new Letter(
                        Verb.PASS,
                        body,
                        outcome ->
                                new Answer(
                                        Answer.Form.PASSED,
                                        Border.passed((Outcome.Passed) outcome, positions)));
        Optional<String> unsupported = Losses.unsupported(asked.lossFn());
        if (unsupported.isPresent()) {
            return run.lane()
                    .submit(
                            asked.seqId(),
                            read.canonical().sha256(),
                            Job.refusing(unsupported.get()).sentAs(letter));
        }
        Catalog.Model base = Border.base(catalog, "the base model of this run", run.base().name());
        Batch batch = Border.batch(asked, base.vocabulary(), base.context());
        LossSpec loss = losses.loss(run, asked);
        Names.check(() -> Losses.check(loss, batch));
        Work work =
                asked.forwardOnly()
                        ? new Work.Forward(run.id(), batch, loss)
                        : new Work.ForwardBackward(run.id(), batch, loss);
        return run.lane()
                .submit(asked.seqId(), read.canonical().sha256(), Job.of(work).sentAs(letter));
    }

    Reply optimStep(Request request) {
        byte[] body = request.body();
        FutureId id = operations.numbered(body, () -> step(body));
        return Reply.json(
                Promised.of(id.value(), Json.read(body, Training.Address.class).modelId()));
    }

    FutureId step(byte[] body) {
        Training.OptimStep asked = Json.read(body, Training.OptimStep.class);
        Run run = operations.run(asked.modelId());
        Job job = Job.of(new Work.OptimStep(run.id(), Border.adam(asked)));
        Letter letter =
                new Letter(
                        Verb.STEP,
                        body,
                        Promises.telling(outcome -> stepped((Outcome.Stepped) outcome)));
        return run.lane().submit(asked.seqId(), Canonical.of(body).sha256(), job.sentAs(letter));
    }

    private static Training.Stepped stepped(Outcome.Stepped stepped) {
        return new Training.Stepped(new TreeMap<>(Map.of("grad_norm", stepped.gradNorm())));
    }
}
