package dev.tinsmith.torch;

import dev.tinsmith.engine.Outcome;
import dev.tinsmith.torch.ops.DtypeChoice;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.function.DoubleSupplier;

/// What the classes that time the engine share: `bench/` runs them.
final class Timing {
    private Timing() {}

    /// The usual ones, but for the properties `dtype`, `threads` and `pass`.
    static TorchEngine.Options options() {
        TorchEngine.Options usual = TorchEngine.Options.DEFAULT;
        return new TorchEngine.Options(
                DtypeChoice.valueOf(System.getProperty("dtype", usual.dtype().name())),
                Integer.getInteger("threads", usual.threads()),
                Integer.getInteger("pass", usual.passTokens()),
                usual.device());
    }

    /// The median of so many rounds, of which each says how many seconds it took; `warmUp` come
    /// first and do not count.
    static double median(int warmUp, int rounds, DoubleSupplier round) {
        double[] seconds = new double[warmUp + rounds];
        for (int each = 0; each < seconds.length; each++) {
            seconds[each] = round.getAsDouble();
        }
        double[] timed = Arrays.copyOfRange(seconds, warmUp, seconds.length);
        Arrays.sort(timed);
        return timed[timed.length / 2];
    }

    /// The time of day in nanoseconds; with `-Dclock=cpu` that of this thread alone, which on a
    /// busy machine says more, as long as there is one thread.
    static long now() {
        return System.getProperty("clock", "wall").equals("cpu")
                ? ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime()
                : System.nanoTime();
    }

    /// @throws IllegalStateException if it failed
    static void require(Outcome outcome) {
        if (outcome instanceof Outcome.Failed failed) {
            throw new IllegalStateException(failed.reason());
        }
    }
}
