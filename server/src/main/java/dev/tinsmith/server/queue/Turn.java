package dev.tinsmith.server.queue;

import dev.tinsmith.engine.Engine;

/// A bounded piece of work for the engine's thread, such as one pass of one lane.
@FunctionalInterface
public interface Turn {
    /// Does it.
    void take(Engine engine);

    /// Whose it is: those of equal lanes share what their owner has. Itself: nobody's, and it comes
    /// once.
    default Object lane() {
        return this;
    }

    /// Tells the engine what is to come, so that it may be computed together with others. The
    /// engine's thread only.
    default void prepare(Engine engine) {
        // most turns gain nothing from company
    }
}
