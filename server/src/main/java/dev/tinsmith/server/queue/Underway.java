package dev.tinsmith.server.queue;

import dev.tinsmith.engine.Engine;
import dev.tinsmith.engine.EngineException;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.Work;
import java.util.Optional;

/// A job that has begun. The engine's thread only.
final class Underway {
    private final Job job;
    private final Work work;
    private final Engine.Computation computation;

    /// Begins `job`.
    ///
    /// @throws EngineException if it cannot be done as things stand
    Underway(Engine engine, Job job) {
        this.job = job;
        this.work = job.begin();
        this.computation = engine.begin(work);
    }

    Work work() {
        return work;
    }

    /// Computes one slice.
    ///
    /// @return what the client is told, once it is done
    /// @throws EngineException if following up on it failed
    Optional<Outcome> advance() {
        Optional<Outcome> computed =
                EngineThread.safely("computing for " + work.run(), computation::advance);
        computed.ifPresent(_ -> computation.close());
        return computed.map(job::end);
    }
}
