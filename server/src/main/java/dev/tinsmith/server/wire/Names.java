package dev.tinsmith.server.wire;

import dev.tinsmith.engine.RunId;
import dev.tinsmith.protocol.TinkerPath;
import dev.tinsmith.protocol.TinkerPath.Kind;
import dev.tinsmith.server.checkpoint.CheckpointKind;
import dev.tinsmith.server.checkpoint.CheckpointPath;
import dev.tinsmith.server.http.Refusal;
import dev.tinsmith.server.run.SessionId;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/// Wire → rooms and back, for what things are called and how long they last.
public final class Names {
    private static final long MIN_TTL = 3600;
    private static final long MAX_TTL = 10L * 365 * 24 * 3600;

    private Names() {}

    /// The name of a run, as the client wrote it.
    public static RunId runId(String text) {
        return checked("model_id", () -> new RunId(text));
    }

    /// The name of a session, as the client wrote it.
    public static SessionId session(String text) {
        return said(() -> new SessionId(text));
    }

    /// Reads a path that the client wrote into `field`.
    public static CheckpointPath path(String field, String text) {
        TinkerPath path = checked(field, () -> TinkerPath.parse(text));
        return checkpoint(field, runId(path.run()), path.kind(), path.name());
    }

    /// Where a checkpoint of this name goes.
    public static CheckpointPath checkpoint(String field, RunId run, Kind kind, String name) {
        TinkerPath path = checked(field, () -> new TinkerPath(run.value(), kind, name));
        return new CheckpointPath(
                run,
                switch (kind) {
                    case WEIGHTS -> CheckpointKind.WEIGHTS;
                    case SAMPLER_WEIGHTS -> CheckpointKind.SAMPLER_WEIGHTS;
                    case EXTERNAL_WEIGHTS -> CheckpointKind.EXTERNAL_WEIGHTS;
                },
                path.name());
    }

    /// As the wire writes it.
    public static TinkerPath told(CheckpointPath path) {
        return new TinkerPath(
                path.run().value(),
                switch (path.kind()) {
                    case WEIGHTS -> Kind.WEIGHTS;
                    case SAMPLER_WEIGHTS -> Kind.SAMPLER_WEIGHTS;
                    case EXTERNAL_WEIGHTS -> Kind.EXTERNAL_WEIGHTS;
                },
                path.name());
    }

    /// Lets pass what the protocol allows: nothing, for ever; or an hour to ten years.
    public static Optional<Duration> timeToLive(Optional<Long> seconds) {
        if (seconds.filter(ttl -> ttl < MIN_TTL || ttl > MAX_TTL).isPresent()) {
            throw Refusal.bad(
                    "ttl_seconds is %d; it must be %d (an hour) to %d (ten years), or absent for no end"
                            .formatted(seconds.get(), MIN_TTL, MAX_TTL));
        }
        return seconds.map(Duration::ofSeconds);
    }

    /// What `make` makes; a rule that it enforces is said as it is, since it names its place.
    public static <T> T said(Supplier<T> make) {
        try {
            return make.get();
        } catch (IllegalArgumentException rule) {
            throw Refusal.bad(String.valueOf(rule.getMessage()));
        }
    }

    /// As [#said], for a rule that makes nothing.
    public static void check(Runnable rule) {
        boolean _ =
                said(() -> {
                    rule.run();
                    return true;
                });
    }

    private static <T> T checked(String place, Supplier<T> make) {
        try {
            return make.get();
        } catch (IllegalArgumentException rule) {
            throw Refusal.bad("%s: %s".formatted(place, rule.getMessage()));
        }
    }
}
