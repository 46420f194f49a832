package dev.tinsmith.torch.ops;

import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;

/// The lifetime of the tensors made inside it, on one thread: closing it frees every one that was
/// not kept. Scopes nest; a tensor belongs to the innermost that is open when it is made.
public final class Scope implements AutoCloseable {
    private final PointerScope pointers = new PointerScope();

    private Scope() {}

    /// Opens a scope inside those that are open on this thread.
    public static Scope open() {
        return new Scope();
    }

    /// Takes `pointer` out of this scope; the caller now frees it with [#free].
    public <P extends Pointer> P keep(P pointer) {
        pointer.retainReference(); // since leaving the scope gives one back
        pointers.detach(pointer);
        return pointer;
    }

    /// Frees what was kept.
    public static void free(Pointer pointer) {
        pointer.deallocate();
    }

    /// Frees all that were kept.
    public static void free(Iterable<? extends Pointer> kept) {
        kept.forEach(Scope::free);
    }

    @Override
    public void close() {
        pointers.close();
    }
}
