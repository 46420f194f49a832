package dev.tinsmith.server.future;

import dev.tinsmith.engine.Fault;
import dev.tinsmith.engine.Outcome;
import java.util.Optional;

/// Where a promise stands.
public sealed interface FutureState {

    /// Under way.
    record Pending() implements FutureState {}

    /// Not even begun.
    ///
    /// @param reason what it waits for, fit for the client
    record Waiting(String reason) implements FutureState {}

    /// How a promise ends; it ends once.
    sealed interface Settled extends FutureState {

        /// What `outcome` means for whoever waits for it.
        static Settled of(Outcome outcome) {
            return switch (outcome) {
                case Outcome.Failed failed -> new Failed(failed.fault(), failed.reason());
                case Outcome.Done _,
                        Outcome.Passed _,
                        Outcome.Stepped _,
                        Outcome.Loaded _,
                        Outcome.Sampled _ ->
                        new Ready(outcome);
            };
        }

        /// What a client is told of `outcome`; empty if that needs a `telling`, and there is none.
        static Optional<Settled> told(Outcome outcome, Optional<Telling> telling) {
            Settled end = of(outcome);
            return end instanceof Ready
                    ? telling.map(each -> new Told(each.answer(outcome)))
                    : Optional.of(end);
        }
    }

    /// It was done, where nobody keeps how it is told.
    ///
    /// @param outcome never an [Outcome.Failed]
    record Ready(Outcome outcome) implements Settled {
        public Ready {
            if (outcome instanceof Outcome.Failed) {
                throw new IllegalArgumentException("a failure is no result");
            }
        }
    }

    /// It was done, and what the client is told is written.
    record Told(Answer answer) implements Settled {}

    /// It could not be done.
    ///
    /// @param reason one sentence, fit for the client
    record Failed(Fault fault, String reason) implements Settled {}
}
