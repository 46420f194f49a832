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
import java.util.function.Function;

/// What was promised, and how it is told once it is kept.
final class Promises {
    /// Smaller results are sent at once, since asking twice costs more than they do.
    private static final long ANNOUNCED_FROM_BYTES = 256 << 10;

    private final Futures futures;
    private final Duration longPoll;
    private final Map<FutureId, Told> told = new ConcurrentHashMap<>();

    Promises(Futures futures, Duration longPoll) {
        this.futures = futures;
        this.longPoll = longPoll;
        futures.whenForgotten(told::remove);
    }

    /// How an outcome reads to the client that asked for it.
    interface Telling {
        Reply reply(Outcome outcome);

        /// The same for clients that read nothing but JSON.
        default Reply plain(Outcome outcome) {
            return reply(outcome);
        }
    }

    /// An outcome that newer clients read as a message and older ones as JSON.
    record Binary(Function<Outcome, byte[]> message, Function<byte[], Object> json)
            implements Telling {
        @Override
        public Reply reply(Outcome outcome) {
            return Reply.protobuf(message.apply(outcome));
        }

        @Override
        public Reply plain(Outcome outcome) {
            return Reply.json(json.apply(message.apply(outcome)));
        }
    }

    /// @param id forgotten when the promise is
    void remember(FutureId id, Telling telling) {
        told.putIfAbsent(id, new Told(telling));
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
            case FutureState.Waiting waiting ->
                    Reply.json(TryAgain.paused(id.value(), waiting.reason()));
            case FutureState.Failed failed ->
                    Reply.json(new Failed(failed.reason(), category(failed.fault())));
            case FutureState.Ready ready ->
                    tell(request, id, ready.outcome(), asked.allowMetadataOnly().orElse(false));
        };
    }

    /// How large the result of `id` is; empty if that cannot be said yet.
    Optional<Long> size(FutureId id, Outcome outcome) {
        return Optional.ofNullable(told.get(id)).map(each -> each.written(outcome).bytes());
    }

    private Reply tell(Request request, FutureId id, Outcome outcome, boolean announcing) {
        Told each =
                Optional.ofNullable(told.get(id))
                        .orElseThrow(() ->
                                Refusal.missing(
                                        "the result of '%s' is no longer kept"
                                                .formatted(id.value())));
        Reply reply = readsProtobuf(request) ? each.written(outcome) : each.telling.plain(outcome);
        if (announcing && reply.bytes() >= ANNOUNCED_FROM_BYTES) {
            return Reply.json(CompleteMetadata.of(reply.bytes()));
        }
        each.sent();
        return reply;
    }

    /// Clients that do say so; those that say nothing are no official ones.
    private static boolean readsProtobuf(Request request) {
        String accepted = request.header("Accept").orElse("*/*");
        return accepted.contains("protobuf") || accepted.contains("*/*");
    }

    private static String category(Fault fault) {
        return switch (fault) {
            case USER -> "user";
            case SERVER -> "server";
        };
    }

    /// How one outcome is told. What was written to learn its size is kept until it is sent.
    private static final class Told {
        private final Telling telling;
        private Optional<Reply> written = Optional.empty();

        Told(Telling telling) {
            this.telling = telling;
        }

        synchronized Reply written(Outcome outcome) {
            Reply reply = written.orElseGet(() -> telling.reply(outcome));
            written = Optional.of(reply);
            return reply;
        }

        synchronized void sent() {
            written = Optional.empty();
        }
    }
}
