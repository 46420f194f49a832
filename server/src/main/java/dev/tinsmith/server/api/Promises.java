package dev.tinsmith.server.api;

import dev.tinsmith.engine.Fault;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.protocol.Futures.CompleteMetadata;
import dev.tinsmith.protocol.Futures.Failed;
import dev.tinsmith.protocol.Futures.Retrieve;
import dev.tinsmith.protocol.Futures.TryAgain;
import dev.tinsmith.protocol.codec.Json;
import dev.tinsmith.protocol.codec.PlainResults;
import dev.tinsmith.server.auth.Caller;
import dev.tinsmith.server.future.Answer;
import dev.tinsmith.server.future.FutureId;
import dev.tinsmith.server.future.FutureState;
import dev.tinsmith.server.future.Futures;
import dev.tinsmith.server.future.Telling;
import dev.tinsmith.server.http.Refusal;
import dev.tinsmith.server.http.Reply;
import dev.tinsmith.server.http.Request;
import java.time.Duration;
import java.util.function.Function;

/// What was promised, and how it is told once it is kept.
final class Promises {
    /// Smaller results are sent at once, since asking twice costs more than they do.
    private static final long ANNOUNCED_FROM_BYTES = 256 << 10;

    private final Futures futures;
    private final Duration longPoll;

    Promises(Futures futures, Duration longPoll) {
        this.futures = futures;
        this.longPoll = longPoll;
    }

    /// Tells the same whatever the outcome is.
    static Telling saying(Object answer) {
        return telling(_ -> answer);
    }

    static Telling telling(Function<Outcome, Object> answer) {
        return outcome -> new Answer(Answer.Form.JSON, Json.write(answer.apply(outcome)));
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
            case FutureState.Told told ->
                    tell(request, told.answer(), asked.allowMetadataOnly().orElse(false));
            case FutureState.Ready _ ->
                    throw Refusal.missing(
                            "the result of '%s' is no longer kept".formatted(id.value()));
        };
    }

    private static Reply tell(Request request, Answer answer, boolean announcing) {
        Reply reply = readsProtobuf(request) ? whole(answer) : plain(answer);
        return announcing && reply.bytes() >= ANNOUNCED_FROM_BYTES
                ? Reply.json(CompleteMetadata.of(reply.bytes()))
                : reply;
    }

    private static Reply whole(Answer answer) {
        return switch (answer.form()) {
            case JSON -> Reply.bytes(200, "application/json", answer.bytes());
            case PASSED, SAMPLED -> Reply.protobuf(answer.bytes());
        };
    }

    /// For clients that read nothing but JSON.
    private static Reply plain(Answer answer) {
        return switch (answer.form()) {
            case JSON -> Reply.bytes(200, "application/json", answer.bytes());
            case PASSED -> Reply.json(PlainResults.passed(answer.bytes()));
            case SAMPLED -> Reply.json(PlainResults.sampled(answer.bytes()));
        };
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
}
