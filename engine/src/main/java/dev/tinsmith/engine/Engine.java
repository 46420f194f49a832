package dev.tinsmith.engine;

import java.util.List;

/// The device and all that lives on it: bases, adapters, optimizer states, decoding sequences.
///
/// Every method is called by one and the same platform thread. None throws for a request that
/// cannot be done: that is an [Outcome.Failed].
public interface Engine extends AutoCloseable {

    /// Brings `base` into memory, if it is not there.
    Outcome load(Base base);

    /// Computes `work` to its end.
    Outcome compute(Work work);

    /// Puts `sample` among the sequences that [#decode] advances. Its result comes back there under
    /// `ticket`, even if it fails at once.
    void admit(long ticket, Sample sample);

    /// Advances every admitted sample by one bounded slice, a prompt's prefill or one token each,
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
}
