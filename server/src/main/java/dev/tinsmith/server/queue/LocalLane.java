package dev.tinsmith.server.queue;

import dev.tinsmith.engine.Engine;
import dev.tinsmith.engine.Fault;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.engine.Work;
import dev.tinsmith.server.future.FutureId;
import dev.tinsmith.server.future.FutureState;
import dev.tinsmith.server.future.Futures;
import dev.tinsmith.server.future.MissingException;
import dev.tinsmith.server.future.Terms;
import dev.tinsmith.server.metering.Subject;
import dev.tinsmith.server.metering.Watch;
import dev.tinsmith.server.observe.Counters;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/// A lane whose engine is in this process.
///
/// Jobs wait in [Slots] until their number is next, then in line for the engine's thread, which
/// takes one slice of one at a time, so that other lanes get their turns in between.
public final class LocalLane implements Lane {
    /// How many jobs of one run may be unfinished.
    static final int MOST_WAITING = 1024;

    /// How many tokens they may hold together: some 130 MB.
    static final long MOST_TOKENS = 8L << 20;

    private final RunId run;
    private final Subject subject;
    private final EngineThread engine;
    private final Futures futures;
    private final Counters counters;
    private final Watch watch;

    private final Pace pace;

    /// These six are guarded by this.
    private final Slots slots = new Slots();

    private final Deque<Ready> ready = new ArrayDeque<>();
    private int unfinished;
    private long tokens;
    private boolean queued;
    private boolean closed;

    /// These two are touched by the engine's thread only.
    private Optional<Current> underway = Optional.empty();

    /// Why the run could not be made.
    private Optional<String> unmade = Optional.empty();

    /// @param subject whose all that is promised here is
    public LocalLane(
            RunId run,
            Subject subject,
            EngineThread engine,
            Futures futures,
            Counters counters,
            Watch watch) {
        this.run = run;
        this.subject = subject;
        this.engine = engine;
        this.futures = futures;
        this.counters = counters;
        this.watch = watch;
        this.pace = new Pace(watch.clock());
    }

    @Override
    public synchronized FutureId submit(long sequence, String fingerprint, Job job) {
        FutureId id = FutureId.of(run, sequence);
        if (slots.isKnown(run, sequence, fingerprint)) {
            return id;
        }
        if (closed) {
            throw new MissingException(
                    "training run '%s' is closed, since its session is over; go on from a checkpoint of it in a new run"
                            .formatted(run));
        }
        if (isFull(job) && !isUrgent(sequence)) {
            throw new BusyException(
                    "%d pieces of work of '%s' with %d tokens wait already, as many as may; send this one again after a while"
                            .formatted(unfinished, run, tokens),
                    pace.of(1));
        }
        slots.put(run, sequence, new Slot.Taken(fingerprint, job.seenBy(watch.asked(subject))));
        boolean _ =
                futures.promise(
                        id, new Terms(subject.owner(), () -> waiting(sequence), Optional.empty()));
        pace.comes(unfinished);
        unfinished++;
        tokens += job.tokens();
        counters.workWaits(1);
        advance();
        return id;
    }

    private boolean isFull(Job job) {
        return unfinished >= MOST_WAITING || tokens + job.tokens() > MOST_TOKENS;
    }

    /// Whether all else waits for this number, so that refusing it would stop the lane for ever.
    private boolean isUrgent(long sequence) {
        return ready.isEmpty() && slots.isNext(sequence);
    }

    @Override
    public synchronized void reject(long sequence, String reason) {
        if (!closed && slots.isFree(sequence)) {
            slots.put(run, sequence, new Slot.Refused(reason));
            advance();
        }
    }

    /// Takes no more work, fails what waits for a number that will not come, and ends with
    /// [Work.Close] after all that is in line.
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        for (long sequence : slots.waiting()) {
            settle(
                    FutureId.of(run, sequence),
                    0,
                    new Outcome.Failed(
                            Fault.USER,
                            "training run '%s' was closed before number %d of its work was its turn, since its session is over"
                                    .formatted(run, sequence)));
        }
        ready.add(new Ready(Optional.empty(), Job.of(new Work.Close(run))));
        queue();
    }

    /// What `sequence` waits for; empty once it is computed, or was.
    private synchronized Optional<String> waiting(long sequence) {
        if (sequence > slots.next()) {
            return Optional.of(
                    "number %d of its run comes before it, and has not come yet"
                            .formatted(slots.next()));
        }
        int position = 0;
        for (Ready each : ready) {
            position++;
            if (each.sequence.filter(number -> number == sequence).isPresent()) {
                return Optional.of(pace.place(position, ready.size()));
            }
        }
        return Optional.empty();
    }

    private void advance() {
        slots.advance((sequence, job) -> ready.add(new Ready(Optional.of(sequence), job)));
        queue();
    }

    private synchronized void queue() {
        if (!queued && !ready.isEmpty()) {
            enqueue();
        }
    }

    private void enqueue() {
        queued = true;
        engine.enqueue(
                subject.owner(),
                new Turns.Turn() {
                    @Override
                    public Object lane() {
                        return LocalLane.this;
                    }

                    @Override
                    public void take(Engine computing) {
                        turn(computing);
                    }

                    @Override
                    public void prepare(Engine computing) {
                        beginPass(computing);
                    }
                });
    }

    /// One slice of a job, on the engine's thread; then back into line, if there is more.
    private void turn(Engine computing) {
        try {
            if (underway.isEmpty()) {
                begin(computing);
            }
            Current now = underway.orElseThrow();
            now.underway
                    .advance()
                    .ifPresent(outcome -> {
                        count(outcome);
                        underway = Optional.empty();
                        end(now.ready, outcome);
                    });
        } finally {
            requeue();
        }
    }

    /// Begins the next job if it is a pass, which may then be computed in company.
    private void beginPass(Engine computing) {
        if (underway.isEmpty() && isPassNext()) {
            begin(computing);
        }
    }

    private synchronized boolean isPassNext() {
        return Optional.ofNullable(ready.peek()).filter(next -> next.job.tokens() > 0).isPresent();
    }

    private void begin(Engine computing) {
        Ready now = next();
        Job job =
                unmade.isPresent() && now.sequence.isPresent()
                        ? Job.refusing(unmade.get())
                        : now.job;
        underway = Optional.of(new Current(now, new Underway(now.name(run), job, computing)));
    }

    private synchronized Ready next() {
        return ready.remove();
    }

    private synchronized void requeue() {
        queued = false;
        if (underway.isPresent()) {
            enqueue();
        } else {
            queue();
        }
    }

    private void count(Outcome outcome) {
        Optional<Work> done = underway.flatMap(current -> current.underway.work());
        if (outcome instanceof Outcome.Passed
                && done.isPresent()
                && done.get() instanceof Work.ForwardBackward pass) {
            counters.trained(pass.batch().tokens());
        }
    }

    private void end(Ready done, Outcome outcome) {
        if (done.sequence.isEmpty()) {
            return;
        }
        long sequence = done.sequence.get();
        if (sequence == 0 && outcome instanceof Outcome.Failed failed) {
            unmade =
                    Optional.of(
                            "training run '%s' could not be made: %s"
                                    .formatted(run, failed.reason()));
        }
        settle(FutureId.of(run, sequence), done.job.tokens(), outcome);
    }

    private synchronized void settle(FutureId id, int freed, Outcome outcome) {
        unfinished--;
        tokens -= freed;
        pace.goes();
        counters.workWaits(-1);
        futures.settle(id, FutureState.Settled.of(outcome));
    }

    /// A job whose turn comes next; without a number it is ours, and promised to nobody.
    private record Ready(Optional<Long> sequence, Job job) {
        String name(RunId run) {
            return sequence.map(number -> "number %d of %s".formatted(number, run))
                    .orElse("closing " + run);
        }
    }

    /// A job that has begun, and what it was.
    private record Current(Ready ready, Underway underway) {}
}
