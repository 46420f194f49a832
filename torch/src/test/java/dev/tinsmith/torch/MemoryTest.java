package dev.tinsmith.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.LossSpec;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.engine.Work;
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
