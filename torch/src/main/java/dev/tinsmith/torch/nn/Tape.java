package dev.tinsmith.torch.nn;

import dev.tinsmith.torch.ops.Scope;
import java.util.ArrayDeque;
import java.util.Deque;

/// What a forward pass leaves for the backward pass, layer by layer. It owns those tensors.
public final class Tape implements AutoCloseable {
    private final Deque<Layer.Kept> layers = new ArrayDeque<>();

    /// Takes what a layer leaves out of the scope it was made in.
    void push(Layer.Kept kept, Scope scope) {
        kept.tensors().forEach(scope::keep);
        layers.push(kept);
    }

    /// What the last layer left that is still here; the caller frees it.
    Layer.Kept pop() {
        return layers.pop();
    }

    @Override
    public void close() {
        while (!layers.isEmpty()) {
            Scope.free(layers.pop().tensors());
        }
    }
}
