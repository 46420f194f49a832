package dev.tinsmith.torch.ops;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// How long libtorch's threads spin before they sleep.
///
/// By default they spin for milliseconds, which is quickest on an idle machine; but with a busy
/// neighbour a pass then takes ten times as long, since each waits for one that has no core.
/// libgomp reads its environment once, as it is loaded, so this comes before.
final class WaitPolicy {
    private static final String VARIABLE = "GOMP_SPINCOUNT";
    private static final String ROUNDS = "10000";

    private WaitPolicy() {}

    /// Sets it, unless whoever started this process did.
    @SuppressWarnings("restricted") // the one call into the C library
    static void spinBriefly() {
        Linker linker = Linker.nativeLinker();
        linker.defaultLookup()
                .find("setenv")
                .ifPresent(address ->
                        call(
                                linker.downcallHandle(
                                        address,
                                        FunctionDescriptor.of(
                                                ValueLayout.JAVA_INT,
                                                ValueLayout.ADDRESS,
                                                ValueLayout.ADDRESS,
                                                ValueLayout.JAVA_INT))));
    }

    private static void call(MethodHandle setenv) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(VARIABLE);
            MemorySegment value = arena.allocateFrom(ROUNDS);
            int overwrite = 0;
            int outcome = (int) setenv.invokeExact(name, value, overwrite);
            if (outcome != 0) {
                throw new IllegalStateException("setenv " + VARIABLE);
            }
        } catch (Throwable failure) {
            throw new IllegalStateException("the environment cannot be set", failure);
        }
    }
}
