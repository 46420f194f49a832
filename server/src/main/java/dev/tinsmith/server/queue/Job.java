package dev.tinsmith.server.queue;

import dev.tinsmith.engine.EngineException;
import dev.tinsmith.engine.Fault;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.Work;
import dev.tinsmith.server.metering.Watched;
import java.util.Optional;

/// Work for a lane, and what is done around it when its turn has come. Both methods are called
/// once, on the engine's thread, one after the other.
public interface Job {

    /// What the engine is to compute.
    ///
    /// @throws EngineException if it cannot be done as things stand; then [#end] is not called
    Work begin();

    /// Follows up on what the engine made of it.
    ///
    /// @param outcome may be an [Outcome.Failed]
    /// @return what the client is told
    /// @throws EngineException if the following up failed
    Outcome end(Outcome outcome);

    /// The request it came with; empty if nobody needs to know it after this process.
    default Optional<Letter> letter() {
        return Optional.empty();
    }

    /// What came of it in an earlier life of the server that ended before anybody was told. Asked
    /// before [#begin], which is then not called.
    default Optional<Outcome> before() {
        return Optional.empty();
    }

    /// Whether the run is another one after it. What changes nothing is not done again when the
    /// work of an earlier life is.
    default boolean changesRun() {
        return true;
    }

    /// Whether the run must be kept before anybody is told, since it could not be done again: what
    /// it reads may be gone by then.
    default boolean isOnce() {
        return false;
    }

    /// How many tokens it keeps in memory while it waits.
    default int tokens() {
        return 0;
    }

    /// No work: when its turn has come its promise is broken, and the caller is told `reason`.
    static Job refusing(String reason) {
        return new Job() {
            @Override
            public Work begin() {
                throw new EngineException(Fault.USER, reason);
            }

            @Override
            public Outcome end(Outcome outcome) {
                return outcome;
            }
        };
    }

    /// The same job, which came with `letter`.
    default Job sentAs(Letter letter) {
        return new SentJob(this, letter);
    }

    /// No work, since it is done.
    static Job done(Outcome outcome) {
        return new Job() {
            @Override
            public Optional<Outcome> before() {
                return Optional.of(outcome);
            }

            @Override
            public Work begin() {
                throw new IllegalStateException("it is done");
            }

            @Override
            public Outcome end(Outcome again) {
                return again;
            }
        };
    }

    /// The same job, seen by `watched`.
    default Job seenBy(Watched watched) {
        return new WatchedJob(this, watched);
    }

    /// Work with nothing around it.
    static Job of(Work work) {
        return new Job() {
            @Override
            public int tokens() {
                return switch (work) {
                    case Work.Forward pass -> pass.batch().tokens();
                    case Work.ForwardBackward pass -> pass.batch().tokens();
                    case Work.Open _,
                            Work.OptimStep _,
                            Work.Save _,
                            Work.Load _,
                            Work.Keep _,
                            Work.Resume _,
                            Work.Close _ ->
                            0;
                };
            }

            @Override
            public boolean changesRun() {
                return !(work instanceof Work.Forward);
            }

            @Override
            public Work begin() {
                return work;
            }

            @Override
            public Outcome end(Outcome outcome) {
                return outcome;
            }
        };
    }
}
