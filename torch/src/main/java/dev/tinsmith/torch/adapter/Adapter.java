package dev.tinsmith.torch.adapter;

import dev.tinsmith.torch.lora.FactorSet;
import dev.tinsmith.torch.ops.Dtype;
import dev.tinsmith.torch.ops.Ops;
import dev.tinsmith.torch.ops.Scope;
import org.bytedeco.pytorch.Tensor;

/// Low-rank factors in F32, and the copy of them that is multiplied with. It owns both.
public final class Adapter implements AutoCloseable {
    private final AdapterLayout layout;
    private final Tensor values_N;
    private final FlatFactors factors;
    private final boolean isCopied;

    private Adapter(AdapterLayout layout, Tensor values_N, FlatFactors factors, boolean isCopied) {
        this.layout = layout;
        this.values_N = values_N;
        this.factors = factors;
        this.isCopied = isCopied;
    }

    /// A fresh one, from the seed of its [dev.tinsmith.engine.LoraSpec].
    public static Adapter fresh(AdapterLayout layout, Dtype dtype) {
        return of(layout, FirstValues.of(layout), dtype);
    }

    /// One with the given numbers.
    public static Adapter of(AdapterLayout layout, float[] values, Dtype dtype) {
        try (Scope scope = Scope.open()) {
            Tensor values_N = scope.keep(Ops.floats(values, values.length));
            boolean isCopied = dtype != Dtype.F32;
            Tensor copy_N = isCopied ? scope.keep(Ops.to(values_N, dtype)) : values_N;
            FlatFactors factors = new FlatFactors(layout, copy_N);
            return new Adapter(layout, values_N, factors, isCopied);
        }
    }

    /// Where each factor lies.
    public AdapterLayout layout() {
        return layout;
    }

    /// The numbers, F32. Who changes them calls [#changed].
    public Tensor values_N() {
        return values_N;
    }

    /// The factors, in the dtype of products.
    public FactorSet factors() {
        return factors;
    }

    /// Brings the copy up to date.
    public void changed() {
        if (isCopied) {
            factors.flat_N().copy_(values_N);
        }
    }

    @Override
    public void close() {
        if (isCopied) {
            Scope.free(values_N);
        }
        factors.close();
    }
}
