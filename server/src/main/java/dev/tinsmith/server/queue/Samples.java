package dev.tinsmith.server.queue;

import static java.lang.System.Logger.Level.ERROR;

import dev.tinsmith.engine.Engine;
import dev.tinsmith.engine.Fault;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.Sample;
import dev.tinsmith.server.future.Feed;
import dev.tinsmith.server.future.FutureId;
import dev.tinsmith.server.future.FutureState;
import dev.tinsmith.server.future.Futures;
import dev.tinsmith.server.future.Terms;
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
    public Samples(Futures futures, Counters counters, Watch watch, int limit) {
        this.futures = futures;
        this.counters = counters;
        this.watch = watch;
        this.limit = limit;
        this.room = new Semaphore(limit);
        this.pace = new Pace(watch.clock());
    }

    /// Promises a sample, or does nothing if `id` was promised before.
    ///
    /// @param subject whose it is
    /// @param reader told of its end
    /// @param after runs once when this call has nothing to wait for any more: the sample is
    ///   finished, failed or abandoned, or was promised before, or is refused; must be quick
    /// @throws BusyException if too many are unfinished
    public void draw(
            FutureId id, Subject subject, Feed.Reader reader, Sample sample, Runnable after) {
        if (futures.knows(id)) {
            after.run();
            return;
        }
        if (!room.tryAcquire()) {
            after.run();
            throw new BusyException(
                    "%d samples wait already, as many as may; send this one again after a while"
                            .formatted(limit),
                    pace.of(1));
        }
        Drawing drawing = new Drawing(id, sample, watch.asked(subject), after);
        if (!futures.promise(
                id, new Terms(subject.owner(), () -> waiting(drawing), Optional.of(reader)))) {
            room.release();
            after.run();
            return;
        }
        pace.comes(unfinished.size());
        unfinished.put(id, drawing);
        counters.samplesWait(1);
        arrived.add(drawing);
        nudge.run();
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
                        "admitting " + drawing.id,
                        () -> engine.admit(drawing.ticket, drawing.sample))
                .ifPresent(failed -> finish(drawing, failed));
    }

    private void leave(Engine engine, Drawing drawing, Outcome reason) {
        if (decoding.containsKey(drawing.ticket)) {
            Optional<Outcome.Failed> _ =
                    EngineThread.failure(
                            "abandoning " + drawing.id, () -> engine.abandon(drawing.ticket));
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
        unfinished.remove(drawing.id);
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
        futures.settle(drawing.id, FutureState.Settled.of(outcome));
        drawing.after.run();
    }

    private static void drain(Queue<Drawing> queue, Consumer<Drawing> each) {
        for (Optional<Drawing> next = Optional.ofNullable(queue.poll());
                next.isPresent();
                next = Optional.ofNullable(queue.poll())) {
            each.accept(next.get());
        }
    }

    private static final class Drawing {
        private final FutureId id;
        private final Sample sample;
        private final Watched watched;
        private final Runnable after;
        private volatile long ticket;

        Drawing(FutureId id, Sample sample, Watched watched, Runnable after) {
            this.id = id;
            this.sample = sample;
            this.watched = watched;
            this.after = after;
        }
    }
}
