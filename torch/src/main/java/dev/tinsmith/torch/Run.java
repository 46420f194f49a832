package dev.tinsmith.torch;

import dev.tinsmith.engine.AdamStep;
import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.EngineException;
import dev.tinsmith.engine.Fault;
import dev.tinsmith.engine.format.FormatException;
import dev.tinsmith.engine.format.RunState;
import dev.tinsmith.torch.adapter.Adapter;
import dev.tinsmith.torch.adapter.AdapterFiles;
import dev.tinsmith.torch.adapter.AdapterLayout;
import dev.tinsmith.torch.adapter.FlatFactors;
import dev.tinsmith.torch.nn.Decoder;
import dev.tinsmith.torch.ops.Dtype;
import dev.tinsmith.torch.ops.Magnitude;
import dev.tinsmith.torch.ops.Ops;
import dev.tinsmith.torch.ops.Scope;
import dev.tinsmith.torch.optim.AdamW;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;

/// A training run: an adapter on a base, its optimizer, and the gradients since its last step. It
/// owns all of them but the base.
final class Run implements AutoCloseable {
    /// The rows of its state.
    private static final String VALUES = "values";

    private static final String MEAN = "mean";
    private static final String SQUARE = "square";
    private static final String GRADIENTS = "gradients";

    private final Base base;
    private final Decoder decoder;
    private final Adapter adapter;
    private Optional<AdamW> optimizer;
    private Optional<FlatFactors> gradients = Optional.empty();

    Run(Base base, Decoder decoder, Adapter adapter, Optional<AdamW> optimizer) {
        this.base = base;
        this.decoder = decoder;
        this.adapter = adapter;
        this.optimizer = optimizer;
    }

    Base base() {
        return base;
    }

    Decoder decoder() {
        return decoder;
    }

    Adapter adapter() {
        return adapter;
    }

    /// Zeros in the adapter's layout, F32, for the gradients of a pass; the caller owns them.
    /// Whoever wants gradients will step, so the optimizer is made too: a run's first pass then
    /// needs as much memory as its later ones, and one that is too large for the machine fails at
    /// once.
    FlatFactors zeros() {
        AdamW _ = optimizer();
        try (Scope scope = Scope.open()) {
            Tensor zeros_N = scope.keep(Ops.zeros(Dtype.F32, adapter.layout().size()));
            return new FlatFactors(adapter.layout(), zeros_N);
        }
    }

    /// Adds to the gradients; owns `more` from here on.
    void add(FlatFactors more) {
        if (gradients.isEmpty()) {
            gradients = Optional.of(more);
        } else {
            Ops.add(gradients.get().flat_N(), more.flat_N());
            more.close();
        }
    }

    /// Steps, and clears the gradients.
    ///
    /// @return the global norm of the gradient
    double step(AdamStep settings) {
        FlatFactors used = gradients.orElseGet(this::zeros);
        gradients = Optional.of(used);
        double norm = Magnitude.norm(used.flat_N());
        if (!Double.isFinite(norm)) {
            throw new EngineException(
                    Fault.USER,
                    "the norm of the gradients is %s; load an earlier checkpoint and take smaller steps"
                            .formatted(norm));
        }
        AdamW adam = optimizer();
        adam.step(adapter.values_N(), used.flat_N(), norm, settings);
        adapter.changed();
        clearGradients();
        return norm;
    }

    /// The optimizer, made when it is first asked for.
    private AdamW optimizer() {
        AdamW adam = optimizer.orElseGet(() -> AdamW.fresh(adapter.layout().size()));
        optimizer = Optional.of(adam);
        return adam;
    }

    private void clearGradients() {
        gradients.ifPresent(FlatFactors::close);
        gradients = Optional.empty();
    }

    void save(Path into, boolean withOptimizer) {
        AdapterLayout layout = adapter.layout();
        AdapterFiles.write(into, layout, base.name(), Ops.numbers(adapter.values_N()));
        if (withOptimizer) {
            AdamW adam = optimizer();
            AdapterFiles.writeMoments(
                    into,
                    layout,
                    Ops.numbers(adam.mean_N()),
                    Ops.numbers(adam.square_N()),
                    adam.step());
        }
    }

    /// Writes all of it, without forcing it to the disk.
    void keep(Path into) {
        SortedMap<String, MemorySegment> rows = new TreeMap<>();
        rows.put(VALUES, Ops.numbers(adapter.values_N()));
        optimizer.ifPresent(adam -> {
            rows.put(MEAN, Ops.numbers(adam.mean_N()));
            rows.put(SQUARE, Ops.numbers(adam.square_N()));
        });
        gradients.ifPresent(sums -> rows.put(GRADIENTS, Ops.numbers(sums.flat_N())));
        RunState.Header header =
                new RunState.Header(
                        base.name(),
                        adapter.layout().lora(),
                        optimizer.map(AdamW::step).orElse(0L),
                        decoder.dtype().toString());
        RunState.write(into, header, rows);
    }

    /// The run that [#keep] wrote, bit by bit.
    static Run kept(Base base, Decoder decoder, RunState state) {
        AdapterLayout layout = new AdapterLayout(decoder.spec(), state.header().lora());
        long size = layout.size();
        float[] values =
                state.row(VALUES, size).orElseThrow(() -> new FormatException("no values"));
        Run run =
                new Run(
                        base,
                        decoder,
                        Adapter.of(layout, values, decoder.dtype()),
                        state.row(MEAN, size)
                                .flatMap(mean ->
                                        state.row(SQUARE, size)
                                                .map(square ->
                                                        AdamW.resumed(
                                                                mean,
                                                                square,
                                                                state.header().step()))));
        state.row(GRADIENTS, size).ifPresent(sums -> run.add(flat(layout, sums)));
        return run;
    }

    private static FlatFactors flat(AdapterLayout layout, float[] numbers) {
        try (Scope scope = Scope.open()) {
            return new FlatFactors(layout, scope.keep(Ops.floats(numbers, numbers.length)));
        }
    }

    @Override
    public void close() {
        clearGradients();
        optimizer.ifPresent(AdamW::close);
        adapter.close();
    }
}
