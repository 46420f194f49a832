package dev.tinsmith.server.sampling;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// What samplers draw from: one set of weights for good, or the newest that a run published. Any
/// thread may ask.
final class Source {
    private Held newest;
    private final Set<SamplerId> users = new HashSet<>();

    Source(Held first) {
        this.newest = first;
    }

    synchronized void add(SamplerId user) {
        users.add(user);
    }

    /// Draws from `next` from now on; samples under way end with the weights they began with.
    synchronized void publish(Held next) {
        newest.letGo();
        newest = next;
    }

    /// The weights as they are now, held for one sample; empty if its samplers are all closed.
    synchronized Optional<Held> take() {
        return Optional.of(newest).filter(Held::take);
    }

    synchronized Held newest() {
        return newest;
    }

    /// Lets go of the weights once the last sampler is closed.
    synchronized boolean remove(SamplerId user) {
        boolean last = users.remove(user) && users.isEmpty();
        if (last) {
            newest.letGo();
        }
        return last;
    }
}
