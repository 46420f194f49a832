package dev.tinsmith.server.queue;

import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.Work;
import java.util.Optional;

/// A job that is another one, but for what it says itself.
interface AroundJob extends Job {
    /// The other one.
    Job job();

    @Override
    default Work begin() {
        return job().begin();
    }

    @Override
    default Outcome end(Outcome outcome) {
        return job().end(outcome);
    }

    @Override
    default Optional<Letter> letter() {
        return job().letter();
    }

    @Override
    default Optional<Outcome> before() {
        return job().before();
    }

    @Override
    default boolean changesRun() {
        return job().changesRun();
    }

    @Override
    default boolean isOnce() {
        return job().isOnce();
    }

    @Override
    default int tokens() {
        return job().tokens();
    }
}
