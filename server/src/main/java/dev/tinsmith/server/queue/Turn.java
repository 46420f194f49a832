package dev.tinsmith.server.queue;

import dev.tinsmith.engine.Engine;

/// A bounded piece of work for the engine's thread, such as one pass of one lane.
@FunctionalInterface
interface Turn {
    void take(Engine engine);
}
