package dev.tinsmith.torch;

import dev.tinsmith.engine.EngineException;
import dev.tinsmith.engine.Fault;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.format.FormatException;
import dev.tinsmith.torch.pass.PassException;
import dev.tinsmith.torch.weights.FreeMemory;
import java.util.OptionalLong;

/// Turns what went wrong into what a caller is told.
final class Failures {
    private static final System.Logger LOG = System.getLogger(Failures.class.getName());

    private Failures() {}

    static Outcome.Failed explain(Throwable failure) {
        return switch (failure) {
            case EngineException known -> new Outcome.Failed(known.fault(), known.reason());
            case IllegalArgumentException refused -> new Outcome.Failed(Fault.USER, words(refused));
            case PassException pass -> new Outcome.Failed(Fault.USER, words(pass));
            case FormatException malformed -> new Outcome.Failed(Fault.SERVER, words(malformed));
            case OutOfMemoryError full -> outOfMemory(full);
            case RuntimeException broken when isMemory(broken) -> outOfMemory(broken);
            case Throwable bug -> {
                LOG.log(System.Logger.Level.ERROR, "the engine failed", bug);
                yield new Outcome.Failed(
                        Fault.SERVER, "the engine failed; the server's log says why");
            }
        };
    }

    private static Outcome.Failed outOfMemory(Throwable failure) {
        LOG.log(System.Logger.Level.ERROR, "out of memory", failure);
        OptionalLong free = FreeMemory.bytes();
        return new Outcome.Failed(
                Fault.SERVER,
                "not enough memory%s; send smaller sequences, or start the server with a smaller pass"
                        .formatted(
                                free.isPresent()
                                        ? ": %s is free"
                                                .formatted(FreeMemory.words(free.getAsLong()))
                                        : ""));
    }

    /// Whether it failed for want of memory.
    static boolean isMemory(RuntimeException failure) {
        String words = words(failure);
        return words.contains("not enough memory") || words.contains("out of memory");
    }

    private static String words(Throwable failure) {
        return String.valueOf(failure.getMessage());
    }
}
