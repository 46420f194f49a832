package dev.tinsmith.server.future;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// The ends of promises that outlive this process.
public interface Archive {
    /// One end.
    ///
    /// @param end empty: what was told is no longer kept
    record Kept(
            FutureId id,
            Owner owner,
            String line,
            long sequence,
            String fingerprint,
            Instant settled,
            Optional<FutureState.Settled> end) {}

    /// Keeps all of these, or none. They are on the disk when this returns.
    void keep(List<Kept> ends);

    Optional<Kept> find(FutureId id);

    /// What is kept of one run or sampler, from a number on, in order.
    List<Kept> ofLine(String line, long from);

    /// The fingerprints of one run or sampler's requests, from a number on to another one, which is
    /// not among them.
    SortedMap<Long, String> prints(String line, long from, long until);

    /// Drops what was told, but remembers that it was.
    void forget(Collection<FutureId> told);

    /// One that keeps nothing.
    static Archive none() {
        return new Archive() {
            @Override
            public void keep(List<Kept> ends) {
                // nothing is kept
            }

            @Override
            public Optional<Kept> find(FutureId id) {
                return Optional.empty();
            }

            @Override
            public List<Kept> ofLine(String line, long from) {
                return List.of();
            }

            @Override
            public SortedMap<Long, String> prints(String line, long from, long until) {
                return new TreeMap<>();
            }

            @Override
            public void forget(Collection<FutureId> told) {
                // nothing is kept
            }
        };
    }
}
