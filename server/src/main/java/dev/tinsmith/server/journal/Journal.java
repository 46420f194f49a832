package dev.tinsmith.server.journal;

import java.util.Optional;
import java.util.function.Consumer;

/// The requests that are not done for good, in the order in which they were heard. Any thread may
/// ask.
///
/// What is written is kept until nobody needs it again: a run's until a snapshot has passed it, a
/// sample until it is told.
public interface Journal extends AutoCloseable {
    /// Holds on the writer of a request until it cannot be lost.
    @FunctionalInterface
    interface Ticket {
        /// Nothing to wait for.
        Ticket NONE = () -> {};

        /// Returns once it is on the disk. The thread should be a virtual one.
        void await();
    }

    /// Writes `entry` behind all others, soon. While this replays, it is written already, and
    /// nothing happens.
    Ticket append(Entry entry);

    /// Waits for all that was written so far.
    Ticket all();

    /// Whether what is asked now was asked in an earlier life.
    boolean isReplaying();

    /// Tells `each` all that is kept, in order; to be called once, before anything is written.
    void replay(Consumer<Entry> each);

    /// The numbers of a run that are kept.
    Optional<Span> span(String line);

    /// All of a run's requests below `next` are in a snapshot.
    void passed(String line, long next);

    /// A run, or a sampler, is no more.
    void closed(String line);

    /// A sample is told.
    void told(String name);

    @Override
    void close();

    /// One that keeps nothing.
    static Journal none() {
        return new Journal() {
            @Override
            public Ticket append(Entry entry) {
                return Ticket.NONE;
            }

            @Override
            public Ticket all() {
                return Ticket.NONE;
            }

            @Override
            public boolean isReplaying() {
                return false;
            }

            @Override
            public void replay(Consumer<Entry> each) {
                // there is nothing
            }

            @Override
            public Optional<Span> span(String line) {
                return Optional.empty();
            }

            @Override
            public void passed(String line, long next) {
                // nothing is kept
            }

            @Override
            public void closed(String line) {
                // nothing is kept
            }

            @Override
            public void told(String name) {
                // nothing is kept
            }

            @Override
            public void close() {
                // nothing is open
            }
        };
    }
}
