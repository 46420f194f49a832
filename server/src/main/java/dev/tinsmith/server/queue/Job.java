package dev.tinsmith.server.queue;

import dev.tinsmith.engine.EngineException;
import dev.tinsmith.engine.Fault;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.Work;
import dev.tinsmith.server.metering.Watched;

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
                    case Work.Open _, Work.OptimStep _, Work.Save _, Work.Load _, Work.Close _ -> 0;
                };
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
