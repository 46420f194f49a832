package dev.tinsmith.torch;

import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.Engine;
import dev.tinsmith.engine.Sample;
import dev.tinsmith.engine.SamplingSpec;
import dev.tinsmith.engine.Tokens;
import dev.tinsmith.engine.Weights;
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
        try (TorchEngine engine = TorchEngine.open(Timing.options())) {
            double seconds =
                    Timing.median(WARM_UP, rounds, () -> time(engine, weights, random, workload));
            double rate = workload[0] * workload[2] / seconds;
            System.out.printf("tinsmith %s %.1f%n", arguments[1], rate);
        }
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
        long start = Timing.now();
        for (int ticket = 0; ticket < workload[0]; ticket++) {
            Tokens prompt = Tokens.of(random.ints(workload[1], 0, VOCABULARY).toArray());
            engine.admit(ticket, new Sample(weights, prompt, 1, spec, Sample.PromptScore.NONE, 0));
        }
        int done = 0;
        while (done < workload[0]) {
            for (Engine.Decoded decoded : engine.decode()) {
                Timing.require(decoded.outcome());
                done++;
            }
        }
        return (Timing.now() - start) * 1e-9;
    }
}
