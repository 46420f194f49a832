package dev.tinsmith.torch;

import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.Engine;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.Sample;
import dev.tinsmith.engine.SamplingSpec;
import dev.tinsmith.engine.Tokens;
import dev.tinsmith.engine.Weights;
import dev.tinsmith.torch.ops.DtypeChoice;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;

/// Samples, timed as `bench/generate_speed.py` times those of transformers: so many prompts at
/// once, each continued by so many tokens.
final class SamplingSpeed {
    private static final int WARM_UP = Integer.getInteger("warmup", 1);
    private static final int VOCABULARY = 49_152;

    private SamplingSpeed() {}

    /// Prints the median of new tokens per second, prompts included in the time.
    ///
    /// @param arguments the folder of a model, a workload such as `16x32+64` for 16 prompts of 32
    ///   tokens and 64 new ones for each, and how many rounds to time
    public static void main(String[] arguments) {
        Weights weights = new Weights.Plain(new Base("speed", Path.of(arguments[0])));
        int[] workload =
                Arrays.stream(arguments[1].split("[x+]")).mapToInt(Integer::parseInt).toArray();
        int rounds = Integer.parseInt(arguments[2]);
        Random random = new Random(1);
        try (TorchEngine engine = TorchEngine.open(options())) {
            double[] seconds = new double[WARM_UP + rounds];
            for (int round = 0; round < seconds.length; round++) {
                seconds[round] = time(engine, weights, random, workload);
            }
            double[] timed = Arrays.copyOfRange(seconds, WARM_UP, seconds.length);
            Arrays.sort(timed);
            double rate = workload[0] * workload[2] / timed[timed.length / 2];
            System.out.printf("tinsmith %s %.1f%n", arguments[1], rate);
        }
    }

    private static TorchEngine.Options options() {
        TorchEngine.Options usual = TorchEngine.Options.DEFAULT;
        return new TorchEngine.Options(
                DtypeChoice.valueOf(System.getProperty("dtype", usual.dtype().name())),
                Integer.getInteger("threads", usual.threads()),
                Integer.getInteger("pass", usual.passTokens()),
                usual.device());
    }

    private static double time(
            TorchEngine engine, Weights weights, Random random, int... workload) {
        SamplingSpec spec =
                new SamplingSpec(
                        workload[2],
                        Double.parseDouble(System.getProperty("temperature", "1")),
                        Integer.getInteger("top-k", 0),
                        Double.parseDouble(System.getProperty("top-p", "1")),
                        1,
                        Set.of(),
                        SamplingSpec.StopText.NONE);
        long start = now();
        for (int ticket = 0; ticket < workload[0]; ticket++) {
            Tokens prompt = Tokens.of(random.ints(workload[1], 0, VOCABULARY).toArray());
            engine.admit(ticket, new Sample(weights, prompt, 1, spec, Sample.PromptScore.NONE, 0));
        }
        int done = 0;
        while (done < workload[0]) {
            for (Engine.Decoded decoded : engine.decode()) {
                require(decoded.outcome());
                done++;
            }
        }
        return (now() - start) * 1e-9;
    }

    /// The time of day; with `-Dclock=cpu` that of this thread alone, which on a busy machine says
    /// more, as long as there is one thread.
    private static long now() {
        return System.getProperty("clock", "wall").equals("cpu")
                ? ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime()
                : System.nanoTime();
    }

    private static void require(Outcome outcome) {
        if (outcome instanceof Outcome.Failed failed) {
            throw new IllegalStateException(failed.reason());
        }
    }
}
