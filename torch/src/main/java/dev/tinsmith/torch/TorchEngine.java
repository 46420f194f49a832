package dev.tinsmith.torch;

import static java.lang.System.Logger.Level.WARNING;

import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.Engine;
import dev.tinsmith.engine.EngineException;
import dev.tinsmith.engine.Fault;
import dev.tinsmith.engine.LossSpec;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.engine.Sample;
import dev.tinsmith.engine.Weights;
import dev.tinsmith.engine.Work;
import dev.tinsmith.engine.format.RunState;
import dev.tinsmith.torch.adapter.Adapter;
import dev.tinsmith.torch.adapter.AdapterCache;
import dev.tinsmith.torch.adapter.AdapterFiles;
import dev.tinsmith.torch.adapter.AdapterLayout;
import dev.tinsmith.torch.attention.SameBits;
import dev.tinsmith.torch.lora.Adaptation;
import dev.tinsmith.torch.nn.Decoder;
import dev.tinsmith.torch.ops.DeviceKind;
import dev.tinsmith.torch.ops.DtypeChoice;
import dev.tinsmith.torch.ops.Library;
import dev.tinsmith.torch.ops.NativeHeap;
import dev.tinsmith.torch.ops.Scope;
import dev.tinsmith.torch.ops.Threads;
import dev.tinsmith.torch.optim.AdamW;
import dev.tinsmith.torch.sample.Sampler;
import dev.tinsmith.torch.weights.Bases;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// The engine on libtorch. It loads libtorch with its first piece of work, on the thread that
/// brings it, which is the one that computes.
public final class TorchEngine implements Engine {
    private static final System.Logger LOG = System.getLogger(TorchEngine.class.getName());
    private static final int IDLE_ADAPTERS = 8;

    /// After how many slices of decoding the heap is looked at, since a token leaves little behind.
    private static final int SLICES_TO_TIDY = 32;

    private static final Outcome DONE = new Outcome.Done();

    private final Options options;
    private final DtypeChoice.Chosen chosen;
    private final Bases bases;
    private final Sampler sampler;
    private final AdapterCache adapters;
    private final Map<RunId, Run> runs = new HashMap<>();
    private final Set<Sliced> unfinished = new LinkedHashSet<>();
    private final List<Decoded> refused = new ArrayList<>();
    private List<String> losesBitsOf = List.of();
    private Optional<Threads> threads = Optional.empty();
    private int slices;

    private TorchEngine(Options options) {
        this.options = options;
        this.chosen = options.dtype().resolve();
        this.bases = new Bases(chosen.dtype());
        this.sampler = new Sampler(options.passTokens(), options.promptCache(), Failures::explain);
        this.adapters = new AdapterCache(IDLE_ADAPTERS, sampler::forget);
    }

    /// How to compute.
    ///
    /// @param threads of the processor; 0: one per core
    /// @param passTokens how many tokens go through at once; it bounds the memory of a pass
    /// @param promptCache how many bytes of keys and values of earlier prompts may stay; 0: none
    public record Options(
            DtypeChoice dtype, int threads, int passTokens, long promptCache, DeviceKind device) {
        private static final long PROMPT_CACHE = 256L << 20;

        /// What suits this machine.
        public static final Options DEFAULT = new Options(DtypeChoice.AUTO, 0, 512, DeviceKind.CPU);

        /// With a cache of prompts of the usual size.
        public Options(DtypeChoice dtype, int threads, int passTokens, DeviceKind device) {
            this(dtype, threads, passTokens, PROMPT_CACHE, device);
        }

        public Options {
            if (threads < 0) {
                throw new IllegalArgumentException(
                        "threads is %d; it must be at least 0, for one per core"
                                .formatted(threads));
            }
            if (passTokens < 1) {
                throw new IllegalArgumentException(
                        "the tokens of a pass are %d; there must be at least 1"
                                .formatted(passTokens));
            }
            if (promptCache < 0) {
                throw new IllegalArgumentException(
                        "the bytes of the prompt cache are %d; there must be at least 0"
                                .formatted(promptCache));
            }
        }
    }

    /// An engine that holds nothing yet.
    ///
    /// @throws EngineException if there is no such device
    public static TorchEngine open(Options options) {
        return switch (options.device()) {
            case CPU -> new TorchEngine(options);
            case CUDA ->
                    throw new EngineException(
                            Fault.USER,
                            "the device is cuda, but this build computes on the processor only; use cpu");
        };
    }

    /// In words: the version of libtorch, the dtype and why, the number of threads. Loads libtorch.
    public String describe() {
        start();
        return "libtorch %s on the processor, in %s (%s), %d threads, %d tokens a pass"
                .formatted(
                        Library.version(),
                        chosen.dtype(),
                        chosen.why(),
                        threads.orElseThrow().count(),
                        options.passTokens());
    }

    /// What has other bits on this machine alone and in company, in words; empty if nothing has.
    /// Loads libtorch.
    public List<String> losesBitsOf() {
        start();
        return losesBitsOf;
    }

    private void start() {
        if (threads.isEmpty()) {
            threads = Optional.of(new Threads(Library.start(options.threads(), chosen.dtype())));
            losesBitsOf = SameBits.broken(chosen.dtype());
            if (!losesBitsOf.isEmpty()) {
                LOG.log(
                        WARNING,
                        "on this machine results may differ in their last bits with what else is computed, because of {0}",
                        String.join(", ", losesBitsOf));
            }
        }
    }

    private Outcome attempt(Supplier<Outcome> work) {
        return slice(() -> Optional.of(work.get())).orElseThrow();
    }

    private Optional<Outcome> slice(Supplier<Optional<Outcome>> work) {
        start();
        try (Scope _ = Scope.open()) {
            return work.get();
        } catch (RuntimeException | OutOfMemoryError failure) {
            return Optional.of(Failures.explain(failure));
        }
    }

    @Override
    public Outcome load(Base base) {
        return attempt(() -> {
            bases.of(base);
            return DONE;
        });
    }

    @Override
    public Computation begin(Work work) {
        return switch (work) {
            case Work.Forward(RunId id, Batch batch, LossSpec loss) ->
                    new Sliced(() -> passing(id, batch, loss, false));
            case Work.ForwardBackward(RunId id, Batch batch, LossSpec loss) ->
                    new Sliced(() -> passing(id, batch, loss, true));
            case Work.Open open -> whole(() -> open(open));
            case Work.OptimStep step ->
                    whole(() -> new Outcome.Stepped(run(step.run()).step(step.adam())));
            case Work.Save save ->
                    whole(() -> {
                        run(save.run()).save(save.into(), save.withOptimizer());
                        return DONE;
                    });
            case Work.Load load -> whole(() -> load(load));
            case Work.Keep keep ->
                    whole(() -> {
                        run(keep.run()).keep(keep.into());
                        return DONE;
                    });
            case Work.Resume resume -> whole(() -> resume(resume));
            case Work.Close close ->
                    whole(() -> {
                        Optional.ofNullable(runs.remove(close.run())).ifPresent(Run::close);
                        return DONE;
                    });
        };
    }

    private Computation whole(Supplier<Outcome> work) {
        return Computation.of(() -> attempt(work));
    }

    private Passing passing(RunId id, Batch batch, LossSpec loss, boolean isTraining) {
        return Passing.of(id, run(id), batch, loss, isTraining, options.passTokens());
    }

    /// A batch under way. Where its pack leaves room, those of other runs' batches that have begun
    /// are computed with it; they then have their slice behind them when their turn comes.
    private final class Sliced implements Computation {
        private Optional<Passing> passing = Optional.empty();
        private Optional<Outcome> refusal = Optional.empty();
        private boolean isAhead;

        Sliced(Supplier<Passing> begin) {
            refusal =
                    slice(() -> {
                        passing = Optional.of(begin.get());
                        unfinished.add(this);
                        return Optional.empty();
                    });
        }

        @Override
        public Optional<Outcome> advance() {
            Optional<Outcome> outcome =
                    refusal.isPresent() ? refusal : slice(() -> pack(passing.orElseThrow()));
            outcome.ifPresent(_ -> close());
            return outcome;
        }

        private Optional<Outcome> pack(Passing now) {
            if (isAhead) {
                isAhead = false;
                return now.outcome();
            }
            List<Sliced> others = company(now);
            others.forEach(other -> other.isAhead = true);
            return now.advance(
                    others.stream().map(other -> other.passing.orElseThrow()).toList(),
                    threads.orElseThrow());
        }

        private List<Sliced> company(Passing now) {
            int room = now.budget() - now.nextTokens();
            List<Sliced> company = new ArrayList<>();
            for (Sliced other : unfinished) {
                Passing its = other.passing.orElseThrow();
                boolean fits = its.nextTokens() <= room && now.mayJoin(its);
                if (!other.equals(this) && !other.isAhead && fits) {
                    company.add(other);
                    room -= its.nextTokens();
                }
            }
            return company;
        }

        @Override
        public void close() {
            unfinished.remove(this);
            passing.ifPresent(Passing::close);
            passing = Optional.empty();
        }
    }

    private Run run(RunId id) {
        return Optional.ofNullable(runs.get(id))
                .orElseThrow(() ->
                        new EngineException(
                                Fault.USER,
                                "there is no run %s; create it or load it first".formatted(id)));
    }

    private Outcome open(Work.Open open) {
        if (runs.containsKey(open.run())) {
            throw new EngineException(
                    Fault.USER, "there is a run %s already".formatted(open.run()));
        }
        Decoder decoder = bases.of(open.base());
        AdapterLayout layout = new AdapterLayout(decoder.spec(), open.lora());
        Adapter adapter = Adapter.fresh(layout, decoder.dtype());
        runs.put(open.run(), new Run(open.base(), decoder, adapter, Optional.empty()));
        return DONE;
    }

    private Outcome load(Work.Load load) {
        Optional<Run> known = Optional.ofNullable(runs.get(load.run()));
        Base base = known.map(Run::base).orElse(load.base());
        Decoder decoder = bases.of(base);
        Adapter adapter = AdapterCache.read(decoder, load.from());
        boolean whole = false;
        try {
            Optional<AdamW> optimizer =
                    load.withOptimizer()
                            ? Optional.of(resumed(load, adapter.layout()))
                            : Optional.empty();
            runs.put(load.run(), new Run(base, decoder, adapter, optimizer));
            known.ifPresent(Run::close);
            whole = true;
            return new Outcome.Loaded(adapter.layout().lora());
        } finally {
            if (!whole) {
                adapter.close();
            }
        }
    }

    private Outcome resume(Work.Resume resume) {
        Decoder decoder = bases.of(resume.base());
        try (RunState state = RunState.open(resume.from())) {
            if (!state.header().dtype().equals(decoder.dtype().toString())) {
                LOG.log(
                        WARNING,
                        "{0} goes on in {1}, and was trained in {2}: its numbers will differ in their last bits",
                        resume.run(),
                        decoder.dtype(),
                        state.header().dtype());
            }
            Run run = Run.kept(resume.base(), decoder, state);
            Optional.ofNullable(runs.put(resume.run(), run)).ifPresent(Run::close);
            return DONE;
        }
    }

    private static AdamW resumed(Work.Load load, AdapterLayout layout) {
        AdapterFiles.Moments moments = AdapterFiles.moments(load.from(), layout);
        return AdamW.resumed(moments.mean(), moments.square(), moments.step());
    }

    @Override
    public void admit(long ticket, Sample sample) {
        Outcome outcome =
                attempt(() -> {
                    enter(ticket, sample);
                    return DONE;
                });
        if (outcome instanceof Outcome.Failed) {
            refused.add(new Decoded(ticket, outcome));
        }
    }

    private void enter(long ticket, Sample sample) {
        Decoder decoder = bases.of(sample.weights().base());
        new Checks(decoder.spec()).sample(sample);
        switch (sample.weights()) {
            case Weights.Plain _ ->
                    sampler.admit(ticket, sample, decoder, Adaptation.NONE, () -> {});
            case Weights.Adapted adapted -> {
                AdapterCache.Lease lease = adapters.lease(decoder, adapted.folder());
                sampler.admit(ticket, sample, decoder, lease.adaptation(), lease.giveBack());
            }
        }
    }

    @Override
    public List<Decoded> decode() {
        start();
        List<Decoded> decoded = new ArrayList<>(refused);
        refused.clear();
        try (Scope _ = Scope.open()) {
            decoded.addAll(sampler.decode());
        }
        if (++slices % SLICES_TO_TIDY == 0) {
            NativeHeap.tidy();
        }
        return decoded;
    }

    @Override
    public List<Long> waiting() {
        return sampler.waiting();
    }

    @Override
    public void abandon(long ticket) {
        refused.removeIf(decoded -> decoded.ticket() == ticket);
        sampler.abandon(ticket);
    }

    @Override
    public void close() {
        List.copyOf(unfinished).forEach(Sliced::close);
        sampler.close();
        adapters.close();
        runs.values().forEach(Run::close);
        runs.clear();
        bases.close();
        threads.ifPresent(Threads::close);
    }
}
