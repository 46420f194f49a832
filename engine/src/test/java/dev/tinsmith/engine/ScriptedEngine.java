package dev.tinsmith.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/// An engine that computes nothing and answers plausibly, always the same for the same calls: the
/// double that every test of a server uses.
///
/// A run is a number that each piece of work changes, so that another order gives other results;
/// its losses fall with every step. What it saves, it can load. A sample's tokens come one by one,
/// one for each [#decode]. Tests may make it fail, wait, and tell what it was asked.
public final class ScriptedEngine implements Engine {
    private static final Outcome DONE = new Outcome.Done();

    private final Map<RunId, ScriptedRun> runs = new HashMap<>();
    private final SortedMap<Long, ScriptedSample> decoding = new TreeMap<>();
    private final Deque<Supplier<Outcome>> instead = new ArrayDeque<>();
    private final Deque<Supplier<List<Decoded>>> insteadOfDecoding = new ArrayDeque<>();
    private final List<String> calls = new CopyOnWriteArrayList<>();
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    private final Semaphore gate = new Semaphore(0);
    private volatile boolean held;
    private volatile List<Long> waiting = List.of();

    /// What it was asked, in order: `open <run>`, `forward <run>`, `forward_backward <run>`,
    /// `optim_step <run>`, `save <run>`, `load <run>`, `keep <run>`, `resume <run>`, `close <run>`,
    /// `load base <name>`, `admit <ticket>`, `decode`, `abandon <ticket>`, `close`.
    public List<String> calls() {
        return List.copyOf(calls);
    }

    /// The calls that begin with one of `words`.
    public List<String> calls(String... words) {
        return calls.stream()
                .filter(call -> List.of(words).stream().anyMatch(call::startsWith))
                .toList();
    }

    /// Who called; one thread, if all is well.
    public Set<Thread> threads() {
        return Set.copyOf(threads);
    }

    /// The next computation says what `outcome` says, or throws what it throws, and does nothing
    /// else. Several wait for their turns in order.
    public synchronized void next(Supplier<Outcome> outcome) {
        instead.add(outcome);
    }

    /// The next [#decode] does what `slice` does instead.
    public synchronized void nextDecode(Supplier<List<Decoded>> slice) {
        insteadOfDecoding.add(slice);
    }

    /// Says from now on that the samples with these tickets wait.
    public void queue(List<Long> tickets) {
        waiting = List.copyOf(tickets);
    }

    /// From now on each computation waits for one [#release], after it is recorded.
    public void hold() {
        held = true;
    }

    /// Lets one computation go on.
    public void release() {
        gate.release();
    }

    /// Lets everything go on.
    public void releaseAll() {
        held = false;
        gate.release(1 << 20);
    }

    @Override
    public Outcome load(Base base) {
        record("load base " + base.name());
        return DONE;
    }

    /// Each pass takes as many slices as its batch has datums; all is recorded, and done, with the
    /// last one.
    @Override
    public Computation begin(Work work) {
        return new Computation() {
            private int left = slices(work);

            @Override
            public Optional<Outcome> advance() {
                left--;
                return left > 0 ? Optional.empty() : Optional.of(answered(work));
            }

            @Override
            public void close() {
                left = 0;
            }
        };
    }

    private static int slices(Work work) {
        return switch (work) {
            case Work.Forward pass -> pass.batch().data().size();
            case Work.ForwardBackward pass -> pass.batch().data().size();
            case Work.Open _,
                    Work.OptimStep _,
                    Work.Save _,
                    Work.Load _,
                    Work.Keep _,
                    Work.Resume _,
                    Work.Close _ ->
                    1;
        };
    }

    private Outcome answered(Work work) {
        record(name(work) + " " + work.run());
        if (held) {
            gate.acquireUninterruptibly();
        }
        Supplier<Outcome> scripted = scripted(() -> answer(work));
        return scripted.get();
    }

    private synchronized Supplier<Outcome> scripted(Supplier<Outcome> usual) {
        return instead.isEmpty() ? usual : instead.remove();
    }

    private synchronized Supplier<List<Decoded>> scriptedDecode(Supplier<List<Decoded>> usual) {
        return insteadOfDecoding.isEmpty() ? usual : insteadOfDecoding.remove();
    }

    private static String name(Work work) {
        return switch (work) {
            case Work.Open _ -> "open";
            case Work.Forward _ -> "forward";
            case Work.ForwardBackward _ -> "forward_backward";
            case Work.OptimStep _ -> "optim_step";
            case Work.Save _ -> "save";
            case Work.Load _ -> "load";
            case Work.Keep _ -> "keep";
            case Work.Resume _ -> "resume";
            case Work.Close _ -> "close";
        };
    }

    private Outcome answer(Work work) {
        if (work instanceof Work.Open
                || work instanceof Work.Load
                || work instanceof Work.Resume
                || work instanceof Work.Close) {
            return enter(work);
        }
        ScriptedRun run = runs.get(work.run());
        if (run == null) {
            return new Outcome.Failed(Fault.USER, "there is no run " + work.run());
        }
        return switch (work) {
            case Work.Open _, Work.Load _, Work.Resume _, Work.Close _ -> DONE;
            case Work.Forward pass -> run.passed(pass.batch());
            case Work.ForwardBackward pass -> {
                Outcome passed = run.passed(pass.batch());
                run.accumulate(pass.batch());
                yield passed;
            }
            case Work.OptimStep step -> run.step(step.adam());
            case Work.Save save -> {
                ScriptedFolder.write(save.into(), run, save.withOptimizer());
                yield DONE;
            }
            case Work.Keep keep -> {
                run.keep(keep.into());
                yield DONE;
            }
        };
    }

    private Outcome enter(Work work) {
        return switch (work) {
            case Work.Open open -> {
                runs.put(open.run(), new ScriptedRun(open.base().name(), open.lora()));
                yield DONE;
            }
            case Work.Load load -> {
                ScriptedRun read =
                        ScriptedFolder.read(load.from(), load.base().name(), load.withOptimizer());
                runs.put(load.run(), read);
                yield new Outcome.Loaded(read.lora());
            }
            case Work.Close close -> {
                runs.remove(close.run());
                yield DONE;
            }
            case Work.Resume resume -> {
                runs.put(resume.run(), ScriptedRun.kept(resume.from()));
                yield DONE;
            }
            case Work.Forward _,
                    Work.ForwardBackward _,
                    Work.OptimStep _,
                    Work.Save _,
                    Work.Keep _ ->
                    DONE;
        };
    }

    @Override
    public void admit(long ticket, Sample sample) {
        record("admit " + ticket);
        long mark =
                switch (sample.weights()) {
                    case Weights.Plain plain -> plain.base().name().hashCode();
                    case Weights.Adapted adapted ->
                            ScriptedFolder.read(adapted.folder(), adapted.base().name(), false)
                                    .mark();
                };
        decoding.put(ticket, new ScriptedSample(sample, mark));
    }

    @Override
    public List<Decoded> decode() {
        record("decode");
        return scriptedDecode(this::slice).get();
    }

    private List<Decoded> slice() {
        List<Decoded> done = new ArrayList<>();
        for (Long ticket : List.copyOf(decoding.keySet())) {
            ScriptedSample sample = Objects.requireNonNull(decoding.get(ticket));
            if (sample.advance()) {
                decoding.remove(ticket);
                done.add(new Decoded(ticket, sample.sampled()));
            }
        }
        return done;
    }

    @Override
    public List<Long> waiting() {
        return waiting;
    }

    @Override
    public void abandon(long ticket) {
        record("abandon " + ticket);
        decoding.remove(ticket);
    }

    @Override
    public void close() {
        record("close");
        runs.clear();
        decoding.clear();
    }

    private void record(String call) {
        threads.add(Thread.currentThread());
        calls.add(call);
    }
}
