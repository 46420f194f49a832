package dev.tinsmith.server.api;

import dev.tinsmith.protocol.Futures.Promised;
import dev.tinsmith.protocol.Metadata;
import dev.tinsmith.protocol.Models;
import dev.tinsmith.protocol.codec.Canonical;
import dev.tinsmith.protocol.codec.Json;
import dev.tinsmith.server.auth.Caller;
import dev.tinsmith.server.catalog.Catalog;
import dev.tinsmith.server.future.FutureId;
import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.future.Telling;
import dev.tinsmith.server.http.Reply;
import dev.tinsmith.server.http.Request;
import dev.tinsmith.server.journal.Verb;
import dev.tinsmith.server.queue.Letter;
import dev.tinsmith.server.run.NewRun;
import dev.tinsmith.server.run.Run;
import dev.tinsmith.server.run.Runs;
import dev.tinsmith.server.run.SessionId;
import dev.tinsmith.server.session.Sessions;
import dev.tinsmith.server.wire.Names;
import java.util.function.Supplier;

/// Runs come into being.
final class ModelsApi {
    private final Sessions sessions;
    private final Catalog catalog;
    private final Runs runs;
    private final Supplier<Long> seeds;

    ModelsApi(Sessions sessions, Catalog catalog, Runs runs, Supplier<Long> seeds) {
        this.sessions = sessions;
        this.catalog = catalog;
        this.runs = runs;
        this.seeds = seeds;
    }

    Reply create(Request request) {
        byte[] body = request.body();
        Models.Create asked = Json.read(body, Models.Create.class);
        FutureId id = create(asked, body);
        String run = Names.session(asked.sessionId()).run(asked.modelSeqId()).value();
        return Reply.json(Promised.of(id.value(), run));
    }

    FutureId create(byte[] body) {
        return create(Json.read(body, Models.Create.class), body);
    }

    private FutureId create(Models.Create asked, byte[] body) {
        Owner owner = Caller.current().owner();
        SessionId session = Names.session(asked.sessionId());
        sessions.alive(owner, session);
        Catalog.Model base = Border.base(catalog, "base_model", asked.baseModel());
        Border.optimizer(asked.optimizerConfig());
        NewRun run =
                Border.run(
                        owner,
                        session,
                        asked.modelSeqId(),
                        Canonical.of(body),
                        base.base(),
                        Border.lora(asked.loraConfig().orElse(Models.LoraConfig.DEFAULT), seeds),
                        asked.userMetadata().orElse(Metadata.NONE));
        Telling telling = Promises.saying(new Models.Created(run.id().value()));
        return runs.create(run.askedWith(new Letter(Verb.CREATE, body, telling)));
    }

    Reply info(Request request) {
        Models.InfoRequest asked = Json.read(request.body(), Models.InfoRequest.class);
        Run run = runs.ownedBy(Caller.current().owner(), Names.runId(asked.modelId()));
        Catalog.Model base = Border.base(catalog, "the base model of this run", run.base().name());
        return Reply.json(
                new Models.Info(
                        new Models.Info.Facts(base.architecture(), base.name(), base.name()),
                        run.id().value(),
                        true,
                        run.lora().rank(),
                        base.name(),
                        Models.Optimizer.ADAMW,
                        "get_info"));
    }
}
