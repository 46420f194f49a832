package dev.tinsmith.server.queue;

import dev.tinsmith.engine.Engine;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.Work;
import java.util.Optional;

/// A job that has begun, or could not. The engine's thread only.
final class Underway {
    private final String what;
    private final Job job;
    private final Optional<Outcome> refusal;
    private Optional<Work> work = Optional.empty();
    private Optional<Engine.Computation> computation = Optional.empty();

    /// Begins `job`.
    ///
    /// @param what it is, for the log
    Underway(String what, Job job, Engine engine) {
        this.what = what;
        this.job = job;
        this.refusal =
                EngineThread.safely(
                        what,
                        () -> {
                            Work begun = job.begin();
                            work = Optional.of(begun);
                            computation = Optional.of(engine.begin(begun));
                            return Optional.empty();
                        });
    }

    /// What the engine computes; absent if it could not begin.
    Optional<Work> work() {
        return work;
    }

    /// Computes one slice.
    ///
    /// @return what the client is told, once it is done
    Optional<Outcome> advance() {
        return refusal.isPresent()
                ? refusal
                : EngineThread.safely(what, () -> slice(computation.orElseThrow()).map(job::end));
    }

    private Optional<Outcome> slice(Engine.Computation under) {
        Optional<Outcome> computed = EngineThread.safely("computing " + what, under::advance);
        computed.ifPresent(_ -> under.close());
        return computed;
    }
}
