package dev.tinsmith.torch;

import dev.tinsmith.engine.AdamStep;
import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.LoraSpec;
import dev.tinsmith.engine.LossSpec;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.engine.Tokens;
import dev.tinsmith.engine.Work;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;

/// Training steps, timed as `bench/peft_step.py` times peft's: `bench/training.sh` runs both.
final class TrainingSpeed {
    private static final RunId RUN = new RunId("speed");
    private static final LoraSpec LORA = new LoraSpec(32, 1, true, true, true);
    private static final AdamStep STEP = new AdamStep(1e-4, 0.9, 0.999, 1e-8, 0.01, 1);
    private static final int WARM_UP = Integer.getInteger("warmup", 2);
    private static final int VOCABULARY = 49_152;

    private TrainingSpeed() {}

    /// Prints the median tokens per second.
    ///
    /// @param arguments the folder of a model, a workload, and how many steps to time
    public static void main(String[] arguments) {
        Base base = new Base("speed", Path.of(arguments[0]));
        Batch batch = batch(lengths(arguments[1]));
        int steps = Integer.parseInt(arguments[2]);
        try (TorchEngine engine = TorchEngine.open(Timing.options())) {
            Timing.require(engine.compute(new Work.Open(RUN, base, LORA)));
            double seconds = Timing.median(WARM_UP, steps, () -> time(engine, batch));
            double rate = batch.tokens() / seconds;
            System.out.printf("tinsmith %s %.1f%n", arguments[1], rate);
        }
    }

    private static double time(TorchEngine engine, Batch batch) {
        long start = Timing.now();
        Timing.require(
                engine.compute(
                        new Work.ForwardBackward(RUN, batch, LossSpec.named("cross_entropy"))));
        Timing.require(engine.compute(new Work.OptimStep(RUN, STEP)));
        return (Timing.now() - start) * 1e-9;
    }

    /// `short`, `long`, or such as `64x512` for 64 sequences of 512 tokens.
    private static List<Integer> lengths(String workload) {
        return switch (workload) {
            case "short" -> IntStream.range(0, 16).map(n -> 35 + 7 * n % 31).boxed().toList();
            case "long" -> lengths("8x256");
            case String other -> {
                int cross = other.indexOf('x');
                int length = Integer.parseInt(other.substring(cross + 1));
                yield Collections.nCopies(Integer.parseInt(other.substring(0, cross)), length);
            }
        };
    }

    private static Batch batch(List<Integer> lengths) {
        Random random = new Random(1);
        List<Batch.Datum> data = new ArrayList<>();
        for (int length : lengths) {
            Tokens tokens = Tokens.of(random.ints(length, 0, VOCABULARY).toArray());
            Tokens targets = Tokens.of(random.ints(length, 0, VOCABULARY).toArray());
            data.add(new Batch.Datum(tokens, targets, 1, new TreeMap<>()));
        }
        return new Batch(data);
    }
}
