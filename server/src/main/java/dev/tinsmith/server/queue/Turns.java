package dev.tinsmith.server.queue;

import dev.tinsmith.engine.Engine;
import dev.tinsmith.server.future.Owner;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Who has the engine next: deficit round robin over owners, by the time that their turns took.
///
/// Each owner in line is given a quantum a round, and has a turn while there is some of it left;
/// what a turn took too much is made up for in the rounds that follow. So an owner of many runs, or
/// of large passes, gets no more of the engine than one with a single small run, and that one waits
/// for one turn of each other owner at most. Source: M. Shreedhar, G. Varghese, "Efficient fair
/// queueing using deficit round robin", SIGCOMM 1995.
///
/// Any thread adds; the engine's thread takes.
final class Turns {
    /// In nanoseconds: less than a pass takes, more than a step.
    private static final long QUANTUM = 50_000_000;

    private final Map<Owner, Line> lines = new HashMap<>();
    private final Deque<Line> round = new ArrayDeque<>();
    private boolean woken;

    /// Puts a turn at the end of its owner's line.
    synchronized void add(Owner owner, Turn turn) {
        Line line =
                lines.computeIfAbsent(
                        owner,
                        _ -> {
                            Line fresh = new Line(owner);
                            round.add(fresh);
                            return fresh;
                        });
        line.turns.add(turn);
        notifyAll();
    }

    /// Has the one who sleeps in [#take] look for other things to do.
    synchronized void wake() {
        woken = true;
        notifyAll();
    }

    /// The next turn; its taker says afterwards what it [#spent]. Without one, sleeps until there
    /// is, or until it is woken.
    synchronized Optional<Taken> take() throws InterruptedException {
        while (isEmpty() && !woken) {
            wait();
        }
        return poll();
    }

    /// The next turn, if there is one.
    synchronized Optional<Taken> poll() {
        woken = false;
        while (!isEmpty()) {
            Line line = round.getFirst();
            if (line.deficit > 0 && !line.turns.isEmpty()) {
                return Optional.of(new Taken(line, line.turns.remove()));
            }
            line.deficit += QUANTUM;
            round.addLast(round.removeFirst());
        }
        return Optional.empty();
    }

    /// Those who come next in the lines of all owners, the first ones first.
    synchronized List<Turn> upcoming(int most) {
        return round.stream().flatMap(line -> line.turns.stream()).limit(most).toList();
    }

    private boolean isEmpty() {
        return round.stream().allMatch(line -> line.turns.isEmpty());
    }

    /// A turn is over. An owner with no other in line starts afresh with the next.
    ///
    /// @param nanos how long it took
    synchronized void spent(Taken taken, long nanos) {
        Line line = taken.line;
        line.deficit -= nanos;
        if (line.turns.isEmpty()) {
            lines.remove(line.owner);
            round.remove(line);
        }
    }

    /// A bounded piece of work for the engine's thread, such as one pass of one lane.
    @FunctionalInterface
    interface Turn {
        void take(Engine engine);

        /// Tells the engine what is to come, so that it may be computed together with others. The
        /// engine's thread only.
        default void prepare(Engine engine) {
            // most turns gain nothing from company
        }
    }

    /// A turn, and the line it came from.
    record Taken(Line line, Turn turn) {
        Owner owner() {
            return line.owner;
        }
    }

    /// The turns of one owner.
    static final class Line {
        private final Owner owner;
        private final Deque<Turn> turns = new ArrayDeque<>();
        private long deficit;

        Line(Owner owner) {
            this.owner = owner;
        }
    }
}
