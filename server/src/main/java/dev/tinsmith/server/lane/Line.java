package dev.tinsmith.server.lane;

import dev.tinsmith.engine.Fault;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.server.future.MissingException;
import dev.tinsmith.server.queue.BusyException;
import dev.tinsmith.server.queue.Job;
import dev.tinsmith.server.queue.Pace;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/// Who waits in a lane, and for what. Not safe for several threads; its lane guards it.
final class Line {
    private final RunId run;
    private final InstantSource clock;
    private final Pace pace;
    private final Deque<Ready> ready = new ArrayDeque<>();
    private final Slots slots = new Slots();
    private int unfinished;
    private long tokens;
    private Instant lastActive;

    Line(RunId run, InstantSource clock) {
        this.run = run;
        this.clock = clock;
        this.pace = new Pace(clock);
        this.lastActive = clock.instant();
    }

    Slots slots() {
        return slots;
    }

    Deque<Ready> ready() {
        return ready;
    }

    /// @throws BusyException if too much waits already
    void check(long sequence, Job job) {
        boolean full =
                unfinished >= LocalLane.MOST_WAITING
                        || tokens + job.tokens() > LocalLane.MOST_TOKENS;
        if (full && !isUrgent(sequence)) {
            throw new BusyException(
                    "%d pieces of work of '%s' with %d tokens wait already, as many as may; send this one again after a while"
                            .formatted(unfinished, run, tokens),
                    pace.of(1));
        }
    }

    /// Whether all else waits for this number, so that refusing it would stop the lane for ever.
    private boolean isUrgent(long sequence) {
        return ready.isEmpty() && slots.isNext(sequence);
    }

    /// Why no more may come once it is closed.
    MissingException closed() {
        return new MissingException(
                "training run '%s' is closed, since its session is over; go on from a checkpoint of it in a new run"
                        .formatted(run));
    }

    /// What became of work whose turn never came.
    Outcome stranded(long sequence) {
        return new Outcome.Failed(
                Fault.USER,
                "training run '%s' was closed before number %d of its work was its turn, since its session is over"
                        .formatted(run, sequence));
    }

    void comes(Job job) {
        pace.comes(unfinished);
        unfinished++;
        tokens += job.tokens();
        lastActive = clock.instant();
    }

    void goes(Job job) {
        pace.goes();
        unfinished--;
        tokens -= job.tokens();
        lastActive = clock.instant();
    }

    /// How long nothing has come or gone; no time at all while anything waits.
    Duration idle() {
        return ready.isEmpty() ? Duration.between(lastActive, clock.instant()) : Duration.ZERO;
    }

    /// The number that the run goes on with, between two jobs.
    long following() {
        return Optional.ofNullable(ready.peek()).flatMap(Ready::sequence).orElse(slots.next());
    }

    /// What `sequence` waits for; empty once it is computed, or was.
    Optional<String> waiting(long sequence) {
        if (sequence > slots.next()) {
            return Optional.of(
                    "number %d of its run comes before it, and has not come yet"
                            .formatted(slots.next()));
        }
        int position = 0;
        for (Ready each : ready) {
            position++;
            if (each.sequence().filter(number -> number == sequence).isPresent()) {
                return Optional.of(pace.place(position, ready.size()));
            }
        }
        return Optional.empty();
    }
}
