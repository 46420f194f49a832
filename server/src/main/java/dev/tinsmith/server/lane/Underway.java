package dev.tinsmith.server.lane;

import dev.tinsmith.engine.Engine;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.Work;
import dev.tinsmith.server.queue.EngineThread;
import dev.tinsmith.server.queue.Job;
import java.util.Optional;

/// A job that has begun, or could not. The engine's thread only.
final class Underway {
    private final String what;
    private final Job job;

    /// What is known without computing.
    private final Optional<Outcome> known;

    private Optional<Work> work = Optional.empty();
    private Optional<Engine.Computation> computation = Optional.empty();

    /// Begins `job`.
    ///
    /// @param what it is, for the log
    Underway(String what, Job job, Engine engine) {
        this.what = what;
        this.job = job;
        this.known =
                EngineThread.safely(
                        what,
                        () -> {
                            Optional<Outcome> before = job.before();
                            if (before.isPresent()) {
                                return before;
                            }
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
        return known.isPresent()
                ? known
                : EngineThread.safely(what, () -> slice(computation.orElseThrow()).map(job::end));
    }

    /// How many tokens it has trained on, if this came of it.
    int trained(Outcome outcome) {
        return outcome instanceof Outcome.Passed
                        && work.isPresent()
                        && work.get() instanceof Work.ForwardBackward pass
                ? pass.batch().tokens()
                : 0;
    }

    private Optional<Outcome> slice(Engine.Computation under) {
        Optional<Outcome> computed = EngineThread.safely("computing " + what, under::advance);
        computed.ifPresent(_ -> under.close());
        return computed;
    }
}
