package dev.tinsmith.torch;

import dev.tinsmith.engine.AdamStep;
import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.EngineException;
import dev.tinsmith.engine.Fault;
import dev.tinsmith.torch.adapter.Adapter;
import dev.tinsmith.torch.adapter.AdapterFiles;
import dev.tinsmith.torch.adapter.FlatFactors;
import dev.tinsmith.torch.nn.Decoder;
import dev.tinsmith.torch.ops.Dtype;
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

    /// Zeros in the adapter's layout, F32; the caller owns them.
    FlatFactors zeros() {
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
        double norm = Ops.norm(used.flat_N());
        if (!Double.isFinite(norm)) {
            throw new EngineException(
                    Fault.USER,
                    "the norm of the gradients is %s; load an earlier checkpoint and take smaller steps"
                            .formatted(norm));
        }
        AdamW adam = optimizer.orElseGet(() -> AdamW.fresh(adapter.layout().size()));
        optimizer = Optional.of(adam);
        adam.step(adapter.values_N(), used.flat_N(), norm, settings);
        adapter.changed();
        clearGradients();
        return norm;
    }

    private void clearGradients() {
        gradients.ifPresent(FlatFactors::close);
        gradients = Optional.empty();
    }

    void save(Path into, boolean withOptimizer) {
        AdapterFiles.write(
                into,
                adapter.layout(),
                base.name(),
                Ops.toFloats(adapter.values_N()),
                withOptimizer ? Optional.of(moments()) : Optional.empty());
    }

    /// Those of a run that has not stepped yet are zeros.
    private AdapterFiles.Moments moments() {
        int size = Math.toIntExact(adapter.layout().size());
        return optimizer
                .map(adam ->
                        new AdapterFiles.Moments(
                                Ops.toFloats(adam.mean_N()),
                                Ops.toFloats(adam.square_N()),
                                adam.step()))
                .orElseGet(() -> new AdapterFiles.Moments(new float[size], new float[size], 0));
    }

    @Override
    public void close() {
        clearGradients();
        optimizer.ifPresent(AdamW::close);
        adapter.close();
    }
}
