package dev.tinsmith.server.future;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// The ends of many promises in the order in which they came, for whoever waits for all of them at
/// once. Its readers are numbered; each sees only the ends that are announced to it. Any thread may
/// ask.
///
/// An end is kept until its reader says that it has seen it, or until the promise is forgotten.
public final class Feed {
    private final Map<Long, Deque<End>> ends = new HashMap<>();

    /// Counts the ends of all readers, so that one who left nothing behind may come back.
    private long cursor;

    private record End(long cursor, FutureId id) {}

    /// What a reader had not seen yet.
    ///
    /// @param cursor says, once it is given back, that all of this was seen
    public record Page(List<FutureId> ended, long cursor) {
        public Page {
            ended = List.copyOf(ended);
        }
    }

    /// One of those who read this.
    public Reader reader(long number) {
        return new Reader(this, number);
    }

    private synchronized void announce(long reader, FutureId id) {
        cursor++;
        ends.computeIfAbsent(reader, _ -> new ArrayDeque<>()).add(new End(cursor, id));
        notifyAll();
    }

    private synchronized void forget(long reader, FutureId id) {
        drop(reader, end -> end.id().equals(id));
    }

    private synchronized Page after(long reader, long seen, Duration patience) {
        if (seen < 0 || seen > cursor) {
            throw new IllegalArgumentException(
                    "prev_cursor is %d; it must be 0 or the cursor of the last answer"
                            .formatted(seen));
        }
        drop(reader, end -> end.cursor() <= seen);
        long end = System.nanoTime() + patience.toNanos();
        long left = patience.toMillis();
        while (left > 0 && !ends.containsKey(reader)) {
            try {
                wait(left);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                break;
            }
            left = Duration.ofNanos(end - System.nanoTime()).toMillis();
        }
        List<End> unseen =
                List.copyOf(Optional.ofNullable(ends.get(reader)).orElseGet(ArrayDeque::new));
        return new Page(
                unseen.stream().map(End::id).toList(),
                unseen.isEmpty() ? seen : unseen.getLast().cursor());
    }

    /// Readers who have seen everything take no room.
    private void drop(long reader, Predicate<End> which) {
        Optional.ofNullable(ends.get(reader))
                .ifPresent(kept -> {
                    kept.removeIf(which);
                    if (kept.isEmpty()) {
                        ends.remove(reader);
                    }
                });
    }

    /// One who reads a feed.
    public record Reader(Feed feed, long number) {

        /// The ends announced after `seen`; waits up to `patience` for the first of them. The
        /// thread should be a virtual one.
        ///
        /// @param seen the cursor of the last page, 0 at first; what it covers is dropped
        /// @throws IllegalArgumentException if no page had that cursor
        public Page after(long seen, Duration patience) {
            return feed.after(number, seen, patience);
        }

        void announce(FutureId id) {
            feed.announce(number, id);
        }

        void forget(FutureId id) {
            feed.forget(number, id);
        }
    }
}
