package dev.tinsmith.server.lane;

import static java.lang.System.Logger.Level.ERROR;

import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.Engine;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.engine.Work;
import dev.tinsmith.server.future.Archive;
import dev.tinsmith.server.future.FutureId;
import dev.tinsmith.server.journal.Entry;
import dev.tinsmith.server.journal.Journal.Ticket;
import dev.tinsmith.server.journal.Span;
import dev.tinsmith.server.metering.Subject;
import dev.tinsmith.server.queue.Job;
import dev.tinsmith.server.queue.Lane;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// A lane whose engine is in this process.
///
/// Jobs wait in [Slots] until their number is next, then in line for the engine's thread, which
/// takes one slice of one at a time, so that others get their turns in between.
///
/// What keeps it through a crash: nobody is told that a request was heard before it is in the
/// journal, nor how it ended before that is in the ledger; and a snapshot holds what is told
/// already, and nothing else. So after a restart each request is in the snapshot and told, or comes
/// again here, in order; and what comes again and is told already is computed for the run's sake
/// and not told again.
public final class LocalLane implements Lane {
    private static final System.Logger LOG = System.getLogger(LocalLane.class.getName());

    /// How many jobs of one run may be unfinished.
    static final int MOST_WAITING = 1024;

    /// How many tokens they may hold together: some 130 MB.
    static final long MOST_TOKENS = 8L << 20;

    private final RunId run;
    private final Subject subject;
    private final Commons commons;
    private final Voice voice;
    private final Runnable whenClosed;

    private final Past past = new Past();

    /// These are guarded by this.
    private final Line line;

    private boolean queued;
    private boolean closed;

    /// Told when nothing is under way, since the server stops.
    private Optional<Runnable> stopping = Optional.empty();

    /// What was loaded is told once it is kept; nothing else is done before.
    private Optional<Runnable> held = Optional.empty();

    /// These are touched by the engine's thread only.
    private final Residence residence;

    private Optional<Current> underway = Optional.empty();

    /// Why the run could not be made, or brought back.
    private Optional<String> unmade = Optional.empty();

    /// @param subject whose all that is promised here is
    /// @param whenClosed told once the run is gone
    public LocalLane(RunId run, Base base, Subject subject, Commons commons, Runnable whenClosed) {
        this.run = run;
        this.subject = subject;
        this.commons = commons;
        this.voice = new Voice(run, subject, commons);
        this.whenClosed = whenClosed;
        this.residence = new Residence(run, base, commons.snapshots());
        this.line = new Line(run, commons.watch().clock());
    }

    /// Goes on where an earlier life of the server ended, before any work is submitted. What it
    /// [#wants] of the journal is then submitted again.
    ///
    /// @param archive knows the ends of its work
    public synchronized void restore(Archive archive) {
        Optional<Span> asked = commons.journal().span(run.value());
        if (past.begin(run, commons).isPresent()) {
            residence.left();
        } else if (asked.filter(all -> all.first() > 0).isPresent()) {
            lost("brought back: its snapshots on the disk of this server are damaged");
            past.giveUp(asked.get());
        }
        line.slots().restore(past.from());
        line.slots().remember(past.read(run, archive));
    }

    /// Whether a request of an earlier life is to be submitted again.
    public boolean wants(Entry entry) {
        return past.wants(entry);
    }

    @Override
    public FutureId submit(long sequence, String fingerprint, Job job) {
        Optional<Entry> entry = voice.entry(sequence, fingerprint, job);
        enter(sequence, new Slot.Taken(fingerprint, job, Ticket.NONE), entry).await();
        return FutureId.of(run, sequence);
    }

    private synchronized Ticket enter(long sequence, Slot.Taken slot, Optional<Entry> entry) {
        if (commons.journal().isReplaying() && sequence < past.from()) {
            voice.promise(sequence, () -> waiting(sequence));
            voice.settle(sequence, slot, new Outcome.Done());
            return Ticket.NONE;
        }
        if (line.slots().isKnown(run, sequence, slot.fingerprint())) {
            return commons.journal().all();
        }
        if (!commons.journal().isReplaying()) {
            checkRoom(sequence, slot.job());
        }
        Ticket ticket = entry.map(commons.journal()::append).orElse(Ticket.NONE);
        boolean told = past.wasTold(sequence);
        Job job = told ? slot.job() : slot.job().seenBy(commons.watch().asked(subject));
        line.slots().put(sequence, new Slot.Taken(slot.fingerprint(), job, ticket));
        if (!told) {
            voice.promise(sequence, () -> waiting(sequence));
        }
        line.comes(job);
        commons.counters().workWaits(1);
        advance();
        return ticket;
    }

    private void checkRoom(long sequence, Job job) {
        if (closed) {
            throw line.closed();
        }
        line.check(sequence, job);
        line.slots().check(run, sequence);
    }

    private synchronized Optional<String> waiting(long sequence) {
        return line.waiting(sequence);
    }

    @Override
    public void reject(long sequence, String reason) {
        refuse(sequence, reason).await();
    }

    private synchronized Ticket refuse(long sequence, String reason) {
        if (closed || !line.slots().isFree(sequence)) {
            return commons.journal().all();
        }
        Ticket ticket = commons.journal().append(voice.refusal(sequence, reason));
        line.slots().put(sequence, new Slot.Refused(reason));
        advance();
        return ticket;
    }

    /// Takes no more work, fails what waits for a number that will not come, and ends with
    /// [Work.Close] after all that is in line.
    public synchronized void close() {
        if (!closed) {
            closed = true;
            line.slots().waiting().forEach(this::strand);
            line.ready().add(Ready.ours(Job.of(new Work.Close(run)), _ -> gone()));
            queue();
        }
    }

    private void strand(long sequence, Slot.Taken slot) {
        leave(slot.job());
        voice.settle(sequence, slot, line.stranded(sequence));
    }

    private void gone() {
        commons.snapshots().drop(run);
        whenClosed.run();
    }

    /// Begins nothing more, and has what is only in memory written to the disk.
    ///
    /// @param quiet told once nothing is under way; on the engine's thread
    public void stop(Runnable quiet) {
        synchronized (this) {
            stopping = Optional.of(quiet);
        }
        commons.engine()
                .enqueue(
                        subject.owner(),
                        _ -> {
                            boolean _ = residence.want();
                            queue();
                        });
    }

    /// Has what is only in memory written to the disk, if nothing was asked for so long; and
    /// forgets what is in memory, if nothing was asked for longer. To be called now and then.
    public synchronized void rest(Duration untilKept, Duration untilForgotten) {
        Duration idle = line.idle();
        boolean mayRest = !closed && !queued && !residence.isAway();
        if (mayRest && idle.compareTo(untilKept) >= 0) {
            commons.engine()
                    .enqueue(subject.owner(), _ -> rest(idle.compareTo(untilForgotten) >= 0));
        }
    }

    private void rest(boolean forgetting) {
        if (residence.want()) {
            queue();
        } else if (forgetting && residence.mayLeave()) {
            leaveMemory();
        }
    }

    private synchronized void leaveMemory() {
        if (line.ready().isEmpty() && !closed && !queued) {
            line.ready().add(Ready.ours(Job.of(new Work.Close(run)), _ -> residence.left()));
            queue();
        }
    }

    private void advance() {
        line.slots()
                .advance((sequence, slot) ->
                        line.ready()
                                .add(
                                        new Ready(
                                                Optional.of(sequence),
                                                slot,
                                                outcome -> end(sequence, slot, outcome))));
        queue();
    }

    private synchronized void queue() {
        boolean some = held.isEmpty() && stopping.isEmpty() && !line.ready().isEmpty();
        if (!queued && (some || residence.isDue())) {
            enqueue();
        }
        if (!queued) {
            stopping.ifPresent(Runnable::run);
        }
    }

    private void enqueue() {
        queued = true;
        commons.engine().enqueue(subject.owner(), new LaneTurn(this));
    }

    /// One slice of a job, on the engine's thread; then back into line, if there is more.
    void turn(Engine computing) {
        Instant start = commons.watch().clock().instant();
        try {
            if (underway.isEmpty()) {
                begin(computing);
            }
            Current now = underway.orElseThrow();
            Optional<Outcome> done = now.underway.advance();
            if (now.ready.sequence().isPresent() && now.underway.work().isPresent()) {
                Instant end = commons.watch().clock().instant();
                residence.did(now.ready.job().changesRun(), Duration.between(start, end));
            }
            done.ifPresent(outcome -> {
                commons.counters().trained(now.underway.trained(outcome));
                underway = Optional.empty();
                now.ready.then().accept(outcome);
            });
        } finally {
            requeue();
        }
    }

    /// Begins the next job if it is a pass, which may then be computed in company.
    void beginPass(Engine computing) {
        if (underway.isEmpty() && !residence.isAway() && !residence.isDue() && isPassNext()) {
            begin(computing);
        }
    }

    private synchronized boolean isPassNext() {
        return held.isEmpty()
                && stopping.isEmpty()
                && Optional.ofNullable(line.ready().peek())
                        .filter(next -> next.job().tokens() > 0)
                        .isPresent();
    }

    private void begin(Engine computing) {
        Ready now = next();
        Job job = past.whatIsLeft(now, unmade);
        underway = Optional.of(new Current(now, new Underway(now.name(run), job, computing)));
    }

    /// A snapshot that is due, the way back into memory, or whatever was asked for.
    private synchronized Ready next() {
        if (residence.isDue()) {
            return Ready.ours(residence.keeping(this::following, this::kept), _ -> {});
        }
        boolean wanted = line.ready().getFirst().sequence().isPresent() && unmade.isEmpty();
        return wanted && residence.isAway()
                ? Ready.ours(residence.coming(), this::back)
                : line.ready().remove();
    }

    private synchronized long following() {
        return line.following();
    }

    private void back(Outcome outcome) {
        if (outcome instanceof Outcome.Failed failed) {
            lost("brought back: " + failed.reason());
        }
    }

    private void lost(String what) {
        unmade =
                Optional.of(
                        "training run '%s' could not be %s; go on from a checkpoint of it in a new run"
                                .formatted(run, what));
    }

    /// A snapshot is on the disk, or could not be. Any thread.
    private void kept(boolean isThere) {
        commons.engine().enqueue(subject.owner(), _ -> release(isThere));
    }

    private synchronized void release(boolean isKept) {
        if (!isKept) {
            residence.failed();
        }
        if (held.isPresent() && !isKept) {
            lost("kept on the disk of this server");
        }
        held.ifPresent(Runnable::run);
        held = Optional.empty();
        queue();
    }

    private synchronized void requeue() {
        queued = false;
        if (underway.isPresent()) {
            enqueue();
        } else {
            queue();
        }
    }

    private synchronized void end(long sequence, Slot.Taken slot, Outcome outcome) {
        leave(slot.job());
        Optional<String> failure =
                outcome instanceof Outcome.Failed failed
                        ? Optional.of(failed.reason())
                        : past.failure(sequence);
        if (sequence == 0 && failure.isPresent()) {
            unmade =
                    Optional.of(
                            "training run '%s' could not be made: %s"
                                    .formatted(run, failure.get()));
        }
        if (past.wasTold(sequence)) {
            past.difference(slot, sequence, outcome)
                    .ifPresent(what -> diverged(sequence, what, outcome));
        } else if (slot.job().isOnce() && failure.isEmpty() && commons.snapshots().isKeeping()) {
            held = Optional.of(() -> voice.settle(sequence, slot, outcome));
            residence.insist();
        } else {
            voice.settle(sequence, slot, outcome);
        }
    }

    private void diverged(long sequence, String what, Outcome outcome) {
        LOG.log(ERROR, "incident: number {0} of {1} {2}", sequence, run, what);
        commons.counters().diverged();
        if (outcome instanceof Outcome.Failed again) {
            lost("brought back, since number %d: %s".formatted(sequence, again.reason()));
        }
    }

    private void leave(Job job) {
        line.goes(job);
        commons.counters().workWaits(-1);
    }

    /// A job that has begun, and what it was.
    private record Current(Ready ready, Underway underway) {}
}
