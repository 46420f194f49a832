package dev.tinsmith.server.sampling;

import dev.tinsmith.engine.Weights;
import java.util.concurrent.atomic.AtomicInteger;

/// Weights that stay where they are until the last who uses them lets go.
final class Held {
    private final Weights weights;
    private final Runnable release;
    private final AtomicInteger users = new AtomicInteger(1);

    /// The maker is the first who uses them.
    Held(Weights weights, Runnable release) {
        this.weights = weights;
        this.release = release;
    }

    Weights weights() {
        return weights;
    }

    /// Whether they were still there, and one more uses them now.
    boolean take() {
        return users.getAndUpdate(count -> count == 0 ? 0 : count + 1) > 0;
    }

    void letGo() {
        if (users.decrementAndGet() == 0) {
            release.run();
        }
    }
}
