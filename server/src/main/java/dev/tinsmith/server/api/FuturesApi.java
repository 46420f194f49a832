package dev.tinsmith.server.api;

import dev.tinsmith.protocol.Futures.Cancel;
import dev.tinsmith.protocol.Futures.Completion;
import dev.tinsmith.protocol.Futures.Completions;
import dev.tinsmith.protocol.Futures.RetrieveAll;
import dev.tinsmith.protocol.Rest;
import dev.tinsmith.protocol.codec.Json;
import dev.tinsmith.server.auth.Caller;
import dev.tinsmith.server.future.Feed;
import dev.tinsmith.server.future.FutureId;
import dev.tinsmith.server.future.FutureState;
import dev.tinsmith.server.future.Futures;
import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.http.Refusal;
import dev.tinsmith.server.http.Reply;
import dev.tinsmith.server.http.Request;
import dev.tinsmith.server.sampling.Sampler;
import dev.tinsmith.server.sampling.SamplerId;
import dev.tinsmith.server.sampling.Samplers;
import dev.tinsmith.server.wire.Names;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Many samples awaited at once, and those that nobody wants any more.
final class FuturesApi {
    private static final String SESSION = "sampling_session";

    private final Futures futures;
    private final Samplers samplers;
    private final Duration longPoll;

    FuturesApi(Futures futures, Samplers samplers, Duration longPoll) {
        this.futures = futures;
        this.samplers = samplers;
        this.longPoll = longPoll;
    }

    Reply retrieveAll(Request request) {
        RetrieveAll asked = Json.read(request.body(), RetrieveAll.class);
        Owner owner = Caller.current().owner();
        Sampler sampler = sampler(owner, asked.target());
        Duration patience = patience(asked.timeout());
        asked.retrievedRequestIds()
                .orElse(List.of())
                .forEach(id -> futures.drop(owner, own(sampler, id)));
        Feed.Page page =
                Names.said(() ->
                        sampler.feed(asked.target().clonedSamplerId().orElse(0L))
                                .after(asked.prevCursor().orElse(0L), patience));
        return Reply.json(
                new Completions(
                        page.ended().stream()
                                .flatMap(id -> completion(owner, id).stream())
                                .toList(),
                        page.cursor()));
    }

    private Sampler sampler(Owner owner, RetrieveAll.Target target) {
        String type = target.type().orElse(SESSION);
        if (!type.equals(SESSION)) {
            throw Refusal.bad("target.type is '%s'; it must be '%s'".formatted(type, SESSION));
        }
        return samplers.find(owner, Names.said(() -> new SamplerId(target.samplingSessionId())));
    }

    /// Never longer than this server lets anybody wait.
    private Duration patience(Optional<Double> seconds) {
        double most = longPoll.toMillis() / 1000.0;
        double asked = seconds.orElse(most);
        if (!(asked >= 0)) {
            throw Refusal.bad("timeout is %s; it must be at least 0 seconds".formatted(asked));
        }
        return Duration.ofMillis(Math.round(1000 * Math.min(asked, most)));
    }

    private static FutureId own(Sampler sampler, String id) {
        FutureId named = Border.future(id);
        if (!sampler.drew(named)) {
            throw Refusal.bad(
                    "retrieved_request_ids names '%s', which is no sample of target.sampling_session_id"
                            .formatted(id));
        }
        return named;
    }

    /// Empty if it was forgotten since it was announced.
    private Optional<Completion> completion(Owner owner, FutureId id) {
        return futures.peek(owner, id)
                .flatMap(state ->
                        switch (state) {
                            case FutureState.Told told ->
                                    Optional.of(
                                            new Completion(
                                                    "finished",
                                                    id.value(),
                                                    Optional.of(
                                                            (long) told.answer().bytes().length)));
                            case FutureState.Failed _ ->
                                    Optional.of(
                                            new Completion("failed", id.value(), Optional.empty()));
                            case FutureState.Pending _,
                                    FutureState.Waiting _,
                                    FutureState.Ready _ ->
                                    Optional.empty();
                        });
    }

    Reply cancel(Request request) {
        FutureId id = Border.future(Json.read(request.body(), Cancel.class).requestId());
        Owner owner = Caller.current().owner();
        if (isPending(owner, id) && !samplers.abandon(id) && isPending(owner, id)) {
            throw Refusal.bad(
                    "request_id is '%s', which is work of a training run; only samples can be cancelled, since the work after it builds on it"
                            .formatted(id));
        }
        return Reply.json(new Rest.Nothing());
    }

    private boolean isPending(Owner owner, FutureId id) {
        FutureState state =
                futures.peek(owner, id)
                        .orElseThrow(
                                () -> Refusal.missing("there is no request '%s'".formatted(id)));
        return switch (state) {
            case FutureState.Pending _, FutureState.Waiting _ -> true;
            case FutureState.Ready _, FutureState.Told _, FutureState.Failed _ -> false;
        };
    }
}
