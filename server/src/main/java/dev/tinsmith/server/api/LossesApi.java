package dev.tinsmith.server.api;

import dev.tinsmith.engine.LossSpec;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.graph.LossGraph;
import dev.tinsmith.engine.loss.Losses;
import dev.tinsmith.protocol.Futures.Promised;
import dev.tinsmith.protocol.Training;
import dev.tinsmith.protocol.codec.Canonical;
import dev.tinsmith.protocol.codec.Json;
import dev.tinsmith.protocol.graph.CustomLosses;
import dev.tinsmith.server.auth.Caller;
import dev.tinsmith.server.future.Answer;
import dev.tinsmith.server.future.FutureId;
import dev.tinsmith.server.future.FutureState;
import dev.tinsmith.server.future.Futures;
import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.future.Terms;
import dev.tinsmith.server.http.Refusal;
import dev.tinsmith.server.http.Reply;
import dev.tinsmith.server.http.Request;
import dev.tinsmith.server.run.Run;
import dev.tinsmith.server.session.LossId;
import dev.tinsmith.server.session.SessionTable;
import dev.tinsmith.server.session.Sessions;
import dev.tinsmith.server.session.UploadedLosses;
import dev.tinsmith.server.wire.Names;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// Losses that clients write: uploaded once, then named by the passes of the same session.
final class LossesApi {
    private static final String LOSS_ID = "loss_id";

    private final Sessions sessions;
    private final UploadedLosses losses;
    private final Futures futures;

    LossesApi(Sessions sessions, UploadedLosses losses, Futures futures) {
        this.sessions = sessions;
        this.losses = losses;
        this.futures = futures;
    }

    /// The promise is kept at once, since a loss is refused or taken without waiting for anything.
    Reply create(Request request) {
        byte[] body = request.body();
        CustomLosses.Create asked = Json.read(body, CustomLosses.Create.class);
        sessions.alive(Caller.current().owner(), Names.session(asked.sessionId()));
        return keep(body, asked);
    }

    /// Keeps what earlier lives of the server were sent.
    void restore() {
        for (SessionTable.Loss loss : losses.earlier()) {
            byte[] body = loss.request().body();
            Reply _ =
                    new Caller(loss.owner().value())
                            .during(() -> keep(body, Json.read(body, CustomLosses.Create.class)));
        }
    }

    private Reply keep(byte[] body, CustomLosses.Create asked) {
        Owner owner = Caller.current().owner();
        SessionTable.Loss upload =
                new SessionTable.Loss(
                        Names.session(asked.sessionId()), owner, new SessionTable.Request(body));
        LossGraph graph = Graphs.read(asked);
        Names.check(() -> Losses.check(graph));
        String fingerprint = Canonical.of(body).sha256();
        LossId id =
                Names.said(() -> losses.keep(upload, asked.customLossSeqId(), fingerprint, graph));
        FutureId future = Border.future(id.value());
        if (futures.promise(future, Terms.of(owner))) {
            Answer answer =
                    Promises.saying(new CustomLosses.Created(id.value()))
                            .answer(new Outcome.Done());
            futures.settle(future, new FutureState.Told(answer));
        }
        return Reply.json(new Promised(future.value(), Optional.empty(), Optional.empty()));
    }

    /// The loss that a pass of `run` asks for.
    LossSpec loss(Run run, Training.ForwardBackward pass) {
        if (!pass.lossFn().equals(LossSpec.CUSTOM)) {
            return Border.loss(pass);
        }
        SortedMap<String, Training.Setting> settings = new TreeMap<>(pass.lossFnConfig());
        Optional<Training.Setting> named = Optional.ofNullable(settings.remove(LOSS_ID));
        if (!settings.isEmpty()) {
            throw Refusal.bad(
                    "loss_fn_config['%s'] is not a setting of the loss 'custom'; it has [loss_id]"
                            .formatted(settings.firstKey()));
        }
        if (named.isPresent() && named.get() instanceof Training.Setting.Text(String id)) {
            return LossSpec.custom(
                    losses.find(run.session(), new LossId(id)).orElseThrow(() -> missing(id)));
        }
        throw Refusal.bad(
                "loss_fn_config['loss_id'] must be the text that create_custom_loss gave");
    }

    private static Refusal missing(String id) {
        return Refusal.bad(
                "loss_fn_config['loss_id'] is '%s', and the session of this run has no such loss; a loss lives as long as the session that created it, so create it again in this one"
                        .formatted(id));
    }
}
