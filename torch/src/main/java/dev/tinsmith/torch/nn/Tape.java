package dev.tinsmith.torch.nn;

import dev.tinsmith.torch.ops.Scope;
import java.util.ArrayDeque;
import java.util.Deque;
import org.bytedeco.pytorch.Tensor;

/// What a forward pass leaves for the backward pass, layer by layer: all that a layer computed; or,
/// where that would be too much, only what went into it, from which it is computed once more. It
/// owns those tensors.
public final class Tape implements AutoCloseable {
    private final boolean isSparse;
    private final Deque<Layer.Kept> layers = new ArrayDeque<>();
    private final Deque<Tensor> inputs = new ArrayDeque<>();

    /// @param isSparse whether it takes only inputs
    public Tape(boolean isSparse) {
        this.isSparse = isSparse;
    }

    boolean isSparse() {
        return isSparse;
    }

    /// Takes what a layer leaves out of the scope it was made in.
    void push(Layer.Kept kept, Scope scope) {
        kept.tensors().forEach(scope::keep);
        layers.push(kept);
    }

    /// Takes a copy of what goes into a layer.
    void pushInput(Tensor h_TD, Scope scope) {
        inputs.push(scope.keep(h_TD.clone()));
    }

    /// What the last layer left that is still here; the caller frees it.
    Layer.Kept pop() {
        return layers.pop();
    }

    /// What went into the last layer that is still here; the caller frees it.
    Tensor popInput() {
        return inputs.pop();
    }

    @Override
    public void close() {
        while (!layers.isEmpty()) {
            Scope.free(layers.pop().tensors());
        }
        Scope.free(inputs);
        inputs.clear();
    }
}
