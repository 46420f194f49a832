package dev.tinsmith.server.queue;

import dev.tinsmith.server.future.Owner;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/// Who has the engine next: deficit round robin over owners, by the time that their turns took.
///
/// Each owner in line is given a quantum a round, and has a turn while there is some of it left;
/// what a turn took too much is made up for in the rounds that follow. So an owner of many runs, or
/// of large passes, gets no more of the engine than one with a single small run, and that one waits
/// for one turn of each other owner at most. Source: M. Shreedhar, G. Varghese, "Efficient fair
/// queueing using deficit round robin", SIGCOMM 1995.
///
/// Within an owner's line it is start-time fair queueing over lanes: the lane that had least is
/// next, and who comes anew begins where the others are. Source: P. Goyal, H. Vin, H. Cheng,
/// "Start-time fair queueing", SIGCOMM 1996.
///
/// A lane that had less than all the others and leaves is mostly one that waits for each answer
/// before it asks again. So the others are held back for a moment: it would else find a pass begun
/// each time that it comes, and wait for it. Source: S. Iyer, P. Druschel, "Anticipatory
/// scheduling", SOSP 2001.
///
/// Any thread adds; the engine's thread takes.
final class Turns {
    /// In nanoseconds: less than a pass takes, more than a step.
    private static final long QUANTUM = 50_000_000;

    /// For how long those who had more are held back, in nanoseconds: a client's way back.
    static final long MOMENT = 50_000_000;

    private final Map<Owner, Line> lines = new HashMap<>();
    private final Deque<Line> round = new ArrayDeque<>();
    private final LongSupplier nanos;
    private boolean woken;

    /// Until when those in line are held back; past if nobody is.
    private long heldUntil;

    /// @param nanos a clock that never goes back
    Turns(LongSupplier nanos) {
        this.nanos = nanos;
        this.heldUntil = nanos.getAsLong();
    }

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
        line.add(turn);
        heldUntil = nanos.getAsLong();
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
        while (!woken && (isEmpty() || isHeld())) {
            if (isEmpty()) {
                wait();
            } else {
                TimeUnit.NANOSECONDS.timedWait(this, Math.max(1, heldUntil - nanos.getAsLong()));
            }
        }
        return poll();
    }

    /// The next turn, if there is one and it is not held back.
    synchronized Optional<Taken> poll() {
        woken = false;
        while (!isEmpty() && !isHeld()) {
            Line line = round.getFirst();
            if (line.deficit > 0 && !line.isEmpty()) {
                return Optional.of(line.take());
            }
            line.deficit += QUANTUM;
            round.addLast(round.removeFirst());
        }
        return Optional.empty();
    }

    private boolean isHeld() {
        return nanos.getAsLong() - heldUntil < 0;
    }

    /// Those who come next in the lines of all owners, the first ones first.
    synchronized List<Turn> upcoming(int most) {
        return round.stream().flatMap(Line::turns).limit(most).toList();
    }

    private boolean isEmpty() {
        return round.stream().allMatch(Line::isEmpty);
    }

    /// A turn is over. An owner with no other in line starts afresh with the next.
    ///
    /// @param took how many nanoseconds
    synchronized void spent(Taken taken, long took) {
        Line line = taken.line;
        line.deficit -= took;
        taken.lane.had += took;
        if (taken.isOfLane() && taken.lane.turns.isEmpty() && hadLeast(taken)) {
            heldUntil = nanos.getAsLong() + MOMENT;
        }
        if (line.isEmpty()) {
            lines.remove(line.owner);
            round.remove(line);
        }
    }

    /// Whether every other lane in line had more than the one that leaves, and there is one.
    private boolean hadLeast(Taken leaves) {
        Line its = leaves.line;
        return !isEmpty()
                && its.waiting().allMatch(lane -> lane.had > leaves.lane.had + QUANTUM)
                && round.stream()
                        .filter(line -> line != its && !line.isEmpty())
                        .allMatch(line -> line.deficit < its.deficit - QUANTUM);
    }

    /// A turn, and where it came from.
    record Taken(Line line, Lane lane, Turn turn) {
        Owner owner() {
            return line.owner;
        }

        /// Whether more may come of the same; the house's own turns come once.
        boolean isOfLane() {
            return !turn.lane().equals(turn);
        }
    }

    /// The turns of one owner. As long as any is left, it is known what each lane had.
    static final class Line {
        private final Owner owner;
        private final SequencedMap<Object, Lane> lanes = new LinkedHashMap<>();
        private long deficit;

        /// What the lane had that was served last, when it was.
        private long now;

        Line(Owner owner) {
            this.owner = owner;
        }

        void add(Turn turn) {
            Lane lane = lanes.computeIfAbsent(turn.lane(), _ -> new Lane());
            if (lane.turns.isEmpty()) {
                lane.had = Math.max(lane.had, now);
                lanes.putLast(turn.lane(), lane); // of those who had as much, it is the last now
            }
            lane.turns.add(turn);
        }

        boolean isEmpty() {
            return lanes.values().stream().allMatch(lane -> lane.turns.isEmpty());
        }

        /// The lanes in line, those that had least first.
        Stream<Lane> waiting() {
            return lanes.values().stream()
                    .filter(lane -> !lane.turns.isEmpty())
                    .sorted(Comparator.comparingLong(lane -> lane.had));
        }

        Stream<Turn> turns() {
            return waiting().flatMap(lane -> lane.turns.stream());
        }

        Taken take() {
            Lane next = waiting().findFirst().orElseThrow();
            Turn turn = next.turns.remove();
            now = next.had;
            lanes.values()
                    .removeIf(lane -> lane.turns.isEmpty() && lane.had <= now && lane != next);
            return new Taken(this, next, turn);
        }
    }

    /// The turns of one lane.
    static final class Lane {
        private final Deque<Turn> turns = new ArrayDeque<>();

        /// How much of the engine it had, in nanoseconds; one that comes anew is given what those
        /// who are served had.
        private long had;
    }
}
