package dev.tinsmith.server.trace;

import dev.tinsmith.server.metering.Operation;
import dev.tinsmith.server.metering.Operation.Kind;
import java.time.Instant;
import java.util.Locale;
import java.util.stream.Stream;

/// A stretch of a timeline.
///
/// @param track where it is drawn: a kind of thing that takes time
/// @param name what it is
public record Span(String track, String name, Instant from, Instant until, Operation of) {

    /// The two stretches of one operation: it waits, then its turn comes.
    static Stream<Span> of(Operation done) {
        String name = done.kind().name().toLowerCase(Locale.ROOT);
        return Stream.of(
                new Span("queue", name, done.asked(), done.begun(), done),
                new Span(track(done.kind()), name, done.begun(), done.ended(), done));
    }

    private static String track(Kind kind) {
        return switch (kind) {
            case FORWARD, FORWARD_BACKWARD -> "pass";
            case OPTIM_STEP -> "step";
            case SAVE -> "save";
            case OPEN, LOAD -> "load";
            case CLOSE -> "close";
            case SAMPLE -> "sampling";
        };
    }
}
