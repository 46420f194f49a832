package dev.tinsmith.torch.ops;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/// What libtorch and MKL are told through their environment, which they read once, as they are
/// loaded; so this comes before. Whoever started this process has the last word.
final class Environment {
    /// How many rounds libtorch's threads spin before they sleep. By default they spin for
    /// milliseconds, which is quickest on an idle machine; but with a busy neighbour a pass then
    /// takes ten times as long, since each waits for one that has no core.
    private static final Variable SPIN = new Variable("GOMP_SPINCOUNT", "10000");

    /// Large tensors in large pages: a pass touches fresh memory all the time, and a fault for
    /// every 4 KiB of it is a twentieth of its time.
    private static final Variable LARGE_PAGES = new Variable("THP_MEM_ALLOC_ENABLE", "1");

    /// How many products oneDNN remembers, one for each shape, with the code made for it: some 0.4
    /// MiB each, so that its usual 1,024 fill up with lengths that never come again. A layer has at
    /// most some 210 shapes when a pass holds many short sequences, 420 when it holds one of 8,192
    /// tokens; with fewer than a layer has, none would be there when it comes again.
    private static final Variable PRODUCTS = new Variable("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "224");

    /// MKL keeps to one code path, whatever the processor offers, and so to one order of adding up.
    private static final Variable ONE_PATH = new Variable("MKL_CBWR", "AVX2");

    /// MKL computes on libtorch's threads, and has none of its own beside them.
    private static final Variable SHARED_THREADS = new Variable("MKL_THREADING_LAYER", "GNU");

    private Environment() {}

    private record Variable(String name, String value) {}

    static void set() {
        set(SPIN);
        set(LARGE_PAGES);
        set(PRODUCTS);
        set(ONE_PATH);
        set(SHARED_THREADS);
    }

    private static void set(Variable variable) {
        function("setenv", ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT)
                .ifPresent(setenv -> call(setenv, variable));
    }

    /// A function of the C library that gives an int, if the library has it.
    @SuppressWarnings("restricted") // called by their documented types
    static Optional<MethodHandle> function(String name, MemoryLayout... arguments) {
        Linker linker = Linker.nativeLinker();
        FunctionDescriptor type = FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments);
        return linker.defaultLookup()
                .find(name)
                .map(address -> linker.downcallHandle(address, type));
    }

    private static void call(MethodHandle setenv, Variable variable) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(variable.name());
            MemorySegment value = arena.allocateFrom(variable.value());
            int overwrite = 0;
            int outcome = (int) setenv.invokeExact(name, value, overwrite);
            if (outcome != 0) {
                throw new IllegalStateException("setenv " + variable.name());
            }
        } catch (Throwable failure) {
            throw new IllegalStateException("the environment cannot be set", failure);
        }
    }
}
