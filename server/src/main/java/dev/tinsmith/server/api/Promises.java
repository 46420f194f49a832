package dev.tinsmith.server.api;

import dev.tinsmith.engine.Fault;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.protocol.Futures.CompleteMetadata;
import dev.tinsmith.protocol.Futures.Failed;
import dev.tinsmith.protocol.Futures.Retrieve;
import dev.tinsmith.protocol.Futures.TryAgain;
import dev.tinsmith.protocol.codec.Json;
import dev.tinsmith.server.auth.Caller;
import dev.tinsmith.server.future.FutureId;
import dev.tinsmith.server.future.FutureState;
import dev.tinsmith.server.future.Futures;
import dev.tinsmith.server.http.Refusal;
import dev.tinsmith.server.http.Reply;
import dev.tinsmith.server.http.Request;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// What was promised, and how it is told once it is kept.
final class Promises {
    /// Smaller results are sent at once, since asking twice costs more than they do.
    private static final long ANNOUNCED_FROM_BYTES = 256 << 10;

    private final Futures futures;
    private final Duration longPoll;
    private final Map<FutureId, Telling> tellings = new ConcurrentHashMap<>();

    Promises(Futures futures, Duration longPoll) {
        this.futures = futures;
        this.longPoll = longPoll;
        futures.whenForgotten(tellings::remove);
    }

    /// How an outcome reads to the client that asked for it.
    interface Telling {
        Reply reply(Outcome outcome);
    }

    /// @param id forgotten when the promise is
    void remember(FutureId id, Telling telling) {
        tellings.putIfAbsent(id, telling);
    }

    Reply retrieve(Request request) {
        Retrieve asked = Json.read(request.body(), Retrieve.class);
        FutureId id = Border.future(asked.requestId());
        FutureState state =
                futures.await(Caller.current().owner(), id, longPoll)
                        .orElseThrow(() ->
                                Refusal.missing("there is no request '%s'".formatted(id.value())));
        return switch (state) {
            case FutureState.Pending _ -> Reply.json(TryAgain.active(id.value()));
            case FutureState.Failed failed ->
                    Reply.json(new Failed(failed.reason(), category(failed.fault())));
            case FutureState.Ready ready ->
                    announced(tell(id, ready.outcome()), asked.allowMetadataOnly().orElse(false));
        };
    }

    private Reply tell(FutureId id, Outcome outcome) {
        return Optional.ofNullable(tellings.get(id))
                .orElseThrow(() ->
                        Refusal.missing(
                                "the result of '%s' is no longer kept".formatted(id.value())))
                .reply(outcome);
    }

    private static Reply announced(Reply reply, boolean allowed) {
        return allowed && reply.bytes() >= ANNOUNCED_FROM_BYTES
                ? Reply.json(CompleteMetadata.of(reply.bytes()))
                : reply;
    }

    private static String category(Fault fault) {
        return switch (fault) {
            case USER -> "user";
            case SERVER -> "server";
        };
    }
}
