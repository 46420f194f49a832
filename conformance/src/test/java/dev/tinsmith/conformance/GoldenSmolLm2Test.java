package dev.tinsmith.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.LoraSpec;
import dev.tinsmith.engine.LossSpec;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.engine.Tokens;
import dev.tinsmith.engine.Work;
import dev.tinsmith.models.gguf.GgufImport;
import dev.tinsmith.torch.TorchEngine;
import dev.tinsmith.torch.ops.DeviceKind;
import dev.tinsmith.torch.ops.DtypeChoice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A real model, brought in from its GGUF file, against transformers on the same file. Skipped
/// where the file is not: `TINSMITH_SMOLLM2_GGUF` names it, else it is looked for in the cache.
class GoldenSmolLm2Test {
    private static final RunId RUN = new RunId("golden");
    private static final float TOLERANCE = 1e-3f;
    private static final double BF16_TOLERANCE = 0.05;

    @TempDir private static Path folder;

    @BeforeAll
    static void bringIn() {
        Path gguf =
                Optional.ofNullable(System.getenv("TINSMITH_SMOLLM2_GGUF"))
                        .map(Path::of)
                        .orElse(
                                Path.of(
                                        System.getProperty("user.home"),
                                        ".cache/tinsmith/SmolLM2-135M-Instruct.Q4_1.gguf"));
        assumeThat(gguf).exists();
        GgufImport.convert(gguf, folder, (_, _, _) -> {});
    }

    @Test
    void everyTokenHasTheLogprobThatTransformersGivesIt() {
        List<Text> texts = texts();
        List<float[]> found = logprobs(texts, DtypeChoice.FP32);

        for (int index = 0; index < texts.size(); index++) {
            assertThat(found.get(index))
                    .containsExactly(texts.get(index).logprobs(), within(TOLERANCE));
        }
    }

    @Test
    void inBf16TheyAreCloseOnAverage() {
        List<Text> texts = texts();
        List<float[]> found = logprobs(texts, DtypeChoice.BF16);

        double distance = 0;
        int count = 0;
        for (int index = 0; index < texts.size(); index++) {
            float[] expected = texts.get(index).logprobs();
            for (int i = 0; i < expected.length; i++) {
                distance += Math.abs(found.get(index)[i] - expected[i]);
                count++;
            }
        }
        assertThat(distance / count).isLessThan(BF16_TOLERANCE);
    }

    private static List<float[]> logprobs(List<Text> texts, DtypeChoice dtype) {
        Base base = new Base("SmolLM2", folder);
        try (TorchEngine engine =
                TorchEngine.open(new TorchEngine.Options(dtype, 0, 512, DeviceKind.CPU))) {
            engine.compute(new Work.Open(RUN, base, new LoraSpec(8, 1, true, true, true)));
            Batch batch = new Batch(texts.stream().map(Text::datum).toList());
            Outcome outcome =
                    engine.compute(new Work.Forward(RUN, batch, LossSpec.named("cross_entropy")));
            assertThat(outcome).isInstanceOf(Outcome.Passed.class);
            return ((Outcome.Passed) outcome)
                    .logprobs().stream().map(each -> each.toArray()).toList();
        }
    }

    private static List<Text> texts() {
        List<Text> texts = new ArrayList<>();
        Path file = Path.of("golden", "smollm2.json");
        for (JsonNode text : JsonMapper.shared().readTree(file.toFile())) {
            float[] logprobs = new float[text.path("logprobs").size()];
            for (int i = 0; i < logprobs.length; i++) {
                logprobs[i] = (float) text.path("logprobs").path(i).asDouble();
            }
            int[] tokens = text.path("tokens").valueStream().mapToInt(JsonNode::asInt).toArray();
            texts.add(new Text(tokens, logprobs));
        }
        return texts;
    }

    /// One line of the golden file.
    private static final class Text {
        private final int[] tokens;
        private final float[] logprobs;

        Text(int[] tokens, float[] logprobs) {
            this.tokens = tokens;
            this.logprobs = logprobs;
        }

        float[] logprobs() {
            return logprobs;
        }

        Batch.Datum datum() {
            return new Batch.Datum(
                    Tokens.of(Arrays.copyOf(tokens, tokens.length - 1)),
                    Tokens.of(Arrays.copyOfRange(tokens, 1, tokens.length)),
                    1,
                    new TreeMap<>());
        }
    }
}
