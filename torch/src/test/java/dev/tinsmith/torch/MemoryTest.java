package dev.tinsmith.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.LossSpec;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.engine.Weights;
import dev.tinsmith.engine.Work;
import dev.tinsmith.torch.model.DecoderSpec;
import dev.tinsmith.torch.model.FeedForwardSpec;
import dev.tinsmith.torch.ops.DeviceKind;
import dev.tinsmith.torch.ops.DtypeChoice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryTest {
    private static final RunId RUN = new RunId("run");
    private static final long MIB = 1L << 20;

    @TempDir private Path directory;

    @Test
    void aLargerBatchNeedsNoMoreMemory() throws IOException {
        Base base = Tiny.base(directory);
        try (TorchEngine engine =
                TorchEngine.open(
                        new TorchEngine.Options(DtypeChoice.FP32, 2, 512, DeviceKind.CPU))) {
            engine.compute(new Work.Open(RUN, base, Tiny.LORA));
            pass(engine, 8);
            pass(engine, 8);
            long small = peak();
            pass(engine, 128);

            // What 128 datums would keep if they went through at once is some 300 MiB more.
            assertThat(peak() - small).isLessThan(100 * MIB);
        }
    }

    @Test
    void aLongerPromptNeedsNoMoreMemoryThanItsKeysAndScores() throws IOException {
        DecoderSpec tiny = TinyModel.SPEC;
        DecoderSpec spec =
                new DecoderSpec(
                        tiny.embedding(),
                        tiny.layers(),
                        tiny.hidden(),
                        tiny.attention(),
                        FeedForwardSpec.of(4_000, FeedForwardSpec.Activation.SILU),
                        tiny.norms(),
                        9_000);
        Base base = new Base("long", TinyModel.random(1, spec).write(directory.resolve("long")));
        try (TorchEngine engine =
                TorchEngine.open(
                        new TorchEngine.Options(DtypeChoice.FP32, 2, 512, DeviceKind.CPU))) {
            prompt(engine, base, 1_024);
            prompt(engine, base, 1_024);
            long small = peak();
            prompt(engine, base, 8_192);

            // Its keys and values are 4 MiB, a tile of its scores, and copies, 120; all of its
            // tokens at once would need some 400 MiB more in the feed-forward block alone.
            assertThat(peak() - small).isLessThan(200 * MIB);
        }
    }

    private static void prompt(TorchEngine engine, Base base, int length) {
        int[] tokens = new Random(1).ints(length, 0, TinyModel.SPEC.vocabulary()).toArray();
        Asking.sample(engine, List.of(Asking.scored(new Weights.Plain(base), tokens)));
    }

    private static void pass(TorchEngine engine, int datums) {
        Random random = new Random(1);
        List<Batch.Datum> data =
                Stream.generate(() -> Tiny.datum(random, 250, 1)).limit(datums).toList();
        Outcome outcome =
                engine.compute(
                        new Work.ForwardBackward(
                                RUN, new Batch(data), LossSpec.named("cross_entropy")));
        assertThat(outcome).isInstanceOf(Outcome.Passed.class);
    }

    /// The most memory this process ever had, in bytes.
    private static long peak() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmHWM"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                .findFirst()
                .orElse(0);
    }
}
