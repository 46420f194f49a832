package dev.tinsmith.server.api;

import dev.tinsmith.engine.EngineException;
import dev.tinsmith.protocol.codec.MalformedException;
import dev.tinsmith.server.auth.UnauthorizedException;
import dev.tinsmith.server.future.MissingException;
import dev.tinsmith.server.http.Door;
import dev.tinsmith.server.http.Refusal;
import dev.tinsmith.server.queue.BusyException;
import dev.tinsmith.server.queue.SequenceReusedException;
import dev.tinsmith.server.session.SessionOverException;
import java.util.Optional;

/// What each room's refusal reads like to a client. Never 409, which clients repeat for minutes.
public final class Errors implements Door {
    @Override
    public Optional<Refusal> explain(RuntimeException failure) {
        return switch (failure) {
            case MalformedException malformed -> Optional.of(Refusal.bad(malformed.reason()));
            case UnauthorizedException unknown -> Optional.of(refusal(unknown));
            case MissingException missing -> Optional.of(Refusal.missing(missing.reason()));
            case SessionOverException over -> Optional.of(new Refusal(410, over.reason()));
            case SequenceReusedException reused -> Optional.of(Refusal.bad(reused.reason()));
            case BusyException busy -> Optional.of(refusal(busy));
            case EngineException refused -> Optional.of(refusal(refused));
            case RuntimeException _ -> Optional.empty();
        };
    }

    /// The header makes clients ask for another token, once.
    private static Refusal refusal(UnauthorizedException unknown) {
        Refusal refusal = new Refusal(401, unknown.reason());
        return unknown.isToken()
                ? refusal.with("WWW-Authenticate", "Bearer error=\"invalid_token\"")
                : refusal;
    }

    private static Refusal refusal(BusyException busy) {
        return new Refusal(429, busy.reason()).with("Retry-After", "" + busy.seconds());
    }

    private static Refusal refusal(EngineException refused) {
        return switch (refused.fault()) {
            case USER -> Refusal.bad(refused.reason());
            case SERVER -> new Refusal(500, refused.reason());
        };
    }
}
