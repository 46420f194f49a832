package dev.tinsmith.engine;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// The device and all that lives on it: bases, adapters, optimizer states, decoding sequences.
///
/// Every method is called by one and the same platform thread. None throws for a request that
/// cannot be done: that is an [Outcome.Failed].
public interface Engine extends AutoCloseable {

    /// Brings `base` into memory, if it is not there.
    Outcome load(Base base);

    /// Begins `work`. Between two slices of it other work may be begun, and advanced, but for none
    /// of the same run.
    Computation begin(Work work);

    /// Computes `work` to its end.
    default Outcome compute(Work work) {
        try (Computation computation = begin(work)) {
            Optional<Outcome> outcome = computation.advance();
            while (outcome.isEmpty()) {
                outcome = computation.advance();
            }
            return outcome.get();
        }
    }

    /// Puts `sample` among the sequences that [#decode] advances. Its result comes back there under
    /// `ticket`, even if it fails at once.
    void admit(long ticket, Sample sample);

    /// Advances the admitted samples by one bounded slice, stretches of prompts or one token each,
    /// and returns those that are finished. Between two slices other work may be computed.
    List<Decoded> decode();

    /// The tickets of those admitted samples that have not begun, the next one first.
    List<Long> waiting();

    /// Drops the sample with this ticket if it is still among those that decode. Nothing comes back
    /// for it.
    void abandon(long ticket);

    /// Frees everything.
    @Override
    void close();

    /// A finished sample: an [Outcome.Sampled] or an [Outcome.Failed].
    record Decoded(long ticket, Outcome outcome) {}

    /// A piece of work under way, computed slice by slice so that others get the engine in between.
    /// It holds memory until it is done or closed. The engine's thread only.
    interface Computation extends AutoCloseable {

        /// Computes one bounded slice: of a batch, as many tokens as go through at once.
        ///
        /// @return what came of the work, once it is done; from then on not to be called again
        Optional<Outcome> advance();

        /// Gives up what is not done, as if it had not been begun.
        @Override
        void close();

        /// One that is done after a single slice.
        static Computation of(Supplier<Outcome> slice) {
            return new Computation() {
                @Override
                public Optional<Outcome> advance() {
                    return Optional.of(slice.get());
                }

                @Override
                public void close() {
                    // nothing is kept between slices
                }
            };
        }
    }
}
