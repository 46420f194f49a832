package dev.tinsmith.torch;

import dev.tinsmith.engine.AdamStep;
import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.EngineException;
import dev.tinsmith.engine.Fault;
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
import java.nio.file.Path;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/// A training run: an adapter on a base, its optimizer, and the gradients since its last step. It
/// owns all of them but the base.
final class Run implements AutoCloseable {
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

    @Override
    public void close() {
        clearGradients();
        optimizer.ifPresent(AdamW::close);
        adapter.close();
    }
}
