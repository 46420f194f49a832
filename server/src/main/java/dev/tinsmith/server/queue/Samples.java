package dev.tinsmith.server.queue;

import static java.lang.System.Logger.Level.ERROR;

import dev.tinsmith.engine.Engine;
import dev.tinsmith.engine.Fault;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.Sample;
import dev.tinsmith.server.future.Ending;
import dev.tinsmith.server.future.Feed;
import dev.tinsmith.server.future.FutureId;
import dev.tinsmith.server.future.Futures;
import dev.tinsmith.server.future.Ledger;
import dev.tinsmith.server.future.Terms;
import dev.tinsmith.server.journal.Entry;
import dev.tinsmith.server.journal.Journal;
import dev.tinsmith.server.journal.Journal.Ticket;
import dev.tinsmith.server.metering.Operation;
import dev.tinsmith.server.metering.Subject;
import dev.tinsmith.server.metering.Watch;
import dev.tinsmith.server.metering.Watched;
import dev.tinsmith.server.observe.Counters;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/// The pool of samples that wait or decode; they have no order. Any thread adds to it, the engine's
/// thread works it off.
public final class Samples {
    private static final System.Logger LOG = System.getLogger(Samples.class.getName());

    private static final Outcome ABANDONED =
            new Outcome.Failed(Fault.USER, "the sample was abandoned");
    private static final Outcome FAILED =
            new Outcome.Failed(Fault.SERVER, "the server failed; its log says why");

    private final Futures futures;
    private final Counters counters;
    private final Watch watch;
    private final Journal journal;
    private final Ledger ledger;
    private final int limit;
    private final Semaphore room;
    private final Pace pace;
    private final Map<FutureId, Drawing> unfinished = new ConcurrentHashMap<>();
    private final Queue<Drawing> arrived = new ConcurrentLinkedQueue<>();
    private final Queue<Drawing> abandoned = new ConcurrentLinkedQueue<>();
    private volatile Runnable nudge = () -> {};

    /// The tickets of those that the engine has not begun with, as it last said.
    private volatile List<Long> line = List.of();

    /// By ticket; this and the tickets are touched by the engine's thread only.
    private final Map<Long, Drawing> decoding = new HashMap<>();

    private long tickets;

    /// @param limit how many samples may be unfinished at once
    public Samples(
            Futures futures,
            Counters counters,
            Watch watch,
            Journal journal,
            Ledger ledger,
            int limit) {
        this.futures = futures;
        this.counters = counters;
        this.watch = watch;
        this.journal = journal;
        this.ledger = ledger;
        this.limit = limit;
        this.room = new Semaphore(limit);
        this.pace = new Pace(watch.clock());
    }

    /// One request.
    ///
    /// @param id what it is promised as
    /// @param sequence its number among those of its sampler
    /// @param subject whose it is
    /// @param letter what it came with; empty if nobody needs to know it after this process
    /// @param reader told of its end
    /// @param after runs once when the request has nothing to wait for any more: the sample is
    ///   told, or was promised before, or is refused; must be quick
    public record Order(
            FutureId id,
            long sequence,
            Subject subject,
            Optional<Letter> letter,
            Feed.Reader reader,
            Runnable after) {
        Entry entry() {
            return letter.orElseThrow().entry(subject.owner(), subject.actor(), sequence, "");
        }
    }

    /// Promises a sample, or does nothing if it was promised before. Returns once that cannot be
    /// lost.
    ///
    /// @throws BusyException if too many are unfinished
    public void draw(Order order, Sample sample) {
        if (futures.knows(order.id())) {
            order.after().run();
            all().await();
            return;
        }
        if (!room.tryAcquire()) {
            order.after().run();
            throw new BusyException(
                    "%d samples wait already, as many as may; send this one again after a while"
                            .formatted(limit),
                    pace.of(1));
        }
        Drawing drawing = new Drawing(order, sample, watch.asked(order.subject()));
        Optional<Entry> entry =
                journal.isReplaying() ? Optional.empty() : order.letter().map(_ -> order.entry());
        if (enter(drawing, entry)) {
            nudge.run();
            drawing.asked.await();
        } else {
            room.release();
            order.after().run();
            all().await();
        }
    }

    /// Waits for all that was promised.
    private synchronized Ticket all() {
        return journal.all();
    }

    /// Promises and writes in one go, so that nobody sees the one without the other.
    ///
    /// @return whether this was the first time
    private synchronized boolean enter(Drawing drawing, Optional<Entry> entry) {
        Order order = drawing.order;
        Terms terms =
                new Terms(
                        order.subject().owner(),
                        () -> waiting(drawing),
                        Optional.of(order.reader()));
        boolean first = futures.promise(order.id(), terms);
        if (first) {
            drawing.asked = entry.map(journal::append).orElse(Ticket.NONE);
            pace.comes(unfinished.size());
            unfinished.put(order.id(), drawing);
            counters.samplesWait(1);
            arrived.add(drawing);
        }
        return first;
    }

    /// Ends a sample that nobody wants any more.
    ///
    /// @return whether there is such a sample and it was not finished
    public boolean abandon(FutureId id) {
        Optional<Drawing> unwanted = Optional.ofNullable(unfinished.get(id));
        unwanted.ifPresent(drawing -> {
            abandoned.add(drawing);
            nudge.run();
        });
        return unwanted.isPresent();
    }

    /// Where in line a sample is; empty once it has begun.
    private Optional<String> waiting(Drawing drawing) {
        List<Long> admitted = line;
        List<Drawing> behind = List.copyOf(arrived);
        int here = behind.indexOf(drawing);
        int position = here < 0 ? admitted.indexOf(drawing.ticket) : admitted.size() + here;
        return position < 0
                ? Optional.empty()
                : Optional.of(pace.place(position + 1, admitted.size() + behind.size()));
    }

    /// @param nudging wakes the engine's thread
    void serve(Runnable nudging) {
        nudge = nudging;
    }

    boolean isDecoding() {
        return !decoding.isEmpty();
    }

    /// Lets in what has arrived, and out what was abandoned. The engine's thread only.
    void admit(Engine engine) {
        drain(arrived, drawing -> enter(engine, drawing));
        drain(abandoned, drawing -> leave(engine, drawing, ABANDONED));
        line = engine.waiting();
    }

    private void enter(Engine engine, Drawing drawing) {
        drawing.ticket = ++tickets;
        drawing.watched.begin();
        decoding.put(drawing.ticket, drawing);
        EngineThread.failure(
                        "admitting " + drawing.order.id(),
                        () -> engine.admit(drawing.ticket, drawing.sample))
                .ifPresent(failed -> finish(drawing, failed));
    }

    private void leave(Engine engine, Drawing drawing, Outcome reason) {
        if (decoding.containsKey(drawing.ticket)) {
            Optional<Outcome.Failed> _ =
                    EngineThread.failure(
                            "abandoning " + drawing.order.id(),
                            () -> engine.abandon(drawing.ticket));
            finish(drawing, reason);
        }
    }

    /// Advances all samples by one slice. If the engine breaks off, nobody knows which of them was
    /// to blame, and all of them fail. The engine's thread only.
    void decode(Engine engine) {
        try {
            for (Engine.Decoded done : engine.decode()) {
                Optional.ofNullable(decoding.get(done.ticket()))
                        .ifPresent(drawing -> finish(drawing, done.outcome()));
            }
            line = engine.waiting();
        } catch (RuntimeException bug) {
            LOG.log(ERROR, "decoding %d samples".formatted(decoding.size()), bug);
            for (Drawing drawing : List.copyOf(decoding.values())) {
                leave(engine, drawing, FAILED);
            }
        }
    }

    private void finish(Drawing drawing, Outcome outcome) {
        decoding.remove(drawing.ticket);
        unfinished.remove(drawing.order.id());
        room.release();
        pace.goes();
        counters.samplesWait(-1);
        long cached = 0;
        long written = 0;
        if (outcome instanceof Outcome.Sampled sampled) {
            cached = sampled.cached();
            for (Outcome.Sequence sequence : sampled.sequences()) {
                written += sequence.tokens().length();
            }
        }
        counters.sampled(written);
        drawing.watched.end(
                Operation.Kind.SAMPLE,
                drawing.sample.prompt().length(),
                cached,
                written,
                outcome instanceof Outcome.Failed);
        ledger.settle(
                new Ending(
                        drawing.order.id(),
                        drawing.order.subject().owner(),
                        drawing.order.subject().actor(),
                        drawing.order.sequence(),
                        "",
                        outcome,
                        drawing.order.letter().map(Letter::telling),
                        drawing.asked,
                        () -> {
                            journal.told(drawing.order.id().value());
                            drawing.order.after().run();
                        }));
    }

    private static void drain(Queue<Drawing> queue, Consumer<Drawing> each) {
        for (Optional<Drawing> next = Optional.ofNullable(queue.poll());
                next.isPresent();
                next = Optional.ofNullable(queue.poll())) {
            each.accept(next.get());
        }
    }

    private static final class Drawing {
        private final Order order;
        private final Sample sample;
        private final Watched watched;
        private volatile Ticket asked = Ticket.NONE;
        private volatile long ticket;

        Drawing(Order order, Sample sample, Watched watched) {
            this.order = order;
            this.sample = sample;
            this.watched = watched;
        }
    }
}
