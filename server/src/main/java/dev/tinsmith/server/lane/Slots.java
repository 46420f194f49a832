package dev.tinsmith.server.lane;

import dev.tinsmith.engine.RunId;
import dev.tinsmith.server.queue.BusyException;
import dev.tinsmith.server.queue.SequenceReusedException;
import java.time.Duration;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/// The numbers of a run's line: those to come, and those that a request may still repeat. Not safe
/// for several threads; its lane guards it.
final class Slots {
    /// How far ahead of the next number a request may come; clients send a few at once.
    static final int AHEAD = 1024;

    /// How many numbers back a repeated request is recognised.
    static final int MEMORY = 4096;

    private final TreeMap<Long, Slot> slots = new TreeMap<>();
    private long next;

    /// Whether this very request came before.
    ///
    /// @throws SequenceReusedException if another one did
    boolean isKnown(RunId run, long sequence, String fingerprint) {
        if (sequence < 0 || sequence > Integer.MAX_VALUE) {
            throw new SequenceReusedException(
                    "seq_id is %d; it must be 0 to %d".formatted(sequence, Integer.MAX_VALUE));
        }
        if (sequence < next && !slots.containsKey(sequence)) {
            throw new SequenceReusedException(
                    "seq_id %d of '%s' was done long ago; the next one is %d"
                            .formatted(sequence, run, next));
        }
        return Optional.ofNullable(slots.get(sequence))
                .map(slot -> isSame(run, sequence, slot, fingerprint))
                .orElse(false);
    }

    private static boolean isSame(RunId run, long sequence, Slot slot, String fingerprint) {
        String known =
                switch (slot) {
                    case Slot.Taken taken -> taken.fingerprint();
                    case Slot.Passed passed -> passed.fingerprint();
                    case Slot.Refused refused ->
                            throw new SequenceReusedException(
                                    "seq_id %d of '%s' was refused: %s"
                                            .formatted(sequence, run, refused.reason()));
                };
        if (!known.equals(fingerprint)) {
            throw new SequenceReusedException(
                    sequence == 0
                            ? "the number 0 of '%s' was used for another request; count model_seq_id on for a new run, and seq_id from 1 for its work"
                                    .formatted(run)
                            : "seq_id %d of '%s' was used for another request; number this one anew"
                                    .formatted(sequence, run));
        }
        return true;
    }

    /// Whether nothing came under `sequence` yet, and something may.
    boolean isFree(long sequence) {
        return sequence >= next && sequence < next + AHEAD && !slots.containsKey(sequence);
    }

    /// The number that the line goes on with.
    long next() {
        return next;
    }

    /// Whether the line goes on with `sequence`.
    boolean isNext(long sequence) {
        return sequence == next;
    }

    /// Goes on with `first`.
    void restore(long first) {
        next = first;
    }

    /// The fingerprints of what came long ago and is done.
    void remember(SortedMap<Long, String> prints) {
        prints.forEach((sequence, print) -> slots.put(sequence, new Slot.Passed(print)));
    }

    /// @throws BusyException if `sequence` is too far ahead
    void check(RunId run, long sequence) {
        if (sequence >= next + AHEAD) {
            throw new BusyException(
                    "seq_id %d of '%s' is too far ahead: number %d has not come yet, and at most %d may come before it"
                            .formatted(sequence, run, next, AHEAD),
                    Duration.ofSeconds(1));
        }
    }

    /// To be checked before.
    void put(long sequence, Slot slot) {
        slots.put(sequence, slot);
    }

    /// Hands on each job whose number is next, in order.
    void advance(BiConsumer<Long, Slot.Taken> each) {
        for (Optional<Slot> slot = at(next); slot.isPresent(); slot = at(next)) {
            switch (slot.get()) {
                case Slot.Taken taken -> {
                    slots.put(next, new Slot.Passed(taken.fingerprint()));
                    each.accept(next, taken);
                }
                case Slot.Passed _, Slot.Refused _ -> {}
            }
            next++;
            slots.remove(next - 1 - MEMORY);
        }
    }

    /// The jobs that came too early, by number.
    SortedMap<Long, Slot.Taken> waiting() {
        SortedMap<Long, Slot.Taken> waiting = new TreeMap<>();
        slots.tailMap(next)
                .forEach((sequence, slot) -> {
                    if (slot instanceof Slot.Taken taken) {
                        waiting.put(sequence, taken);
                    }
                });
        return waiting;
    }

    private Optional<Slot> at(long sequence) {
        return Optional.ofNullable(slots.get(sequence));
    }
}
