package dev.tinsmith.models.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tinsmith.engine.Floats;
import dev.tinsmith.engine.LoraSpec;
import dev.tinsmith.engine.format.AdapterConfig;
import dev.tinsmith.engine.format.AdapterFolder;
import dev.tinsmith.engine.format.AdapterFolder.Factors;
import dev.tinsmith.engine.format.AdapterFolder.Moments;
import dev.tinsmith.engine.format.DType;
import dev.tinsmith.engine.format.HfConfig;
import dev.tinsmith.engine.format.JsonFile;
import dev.tinsmith.engine.format.TensorSpec;
import dev.tinsmith.engine.format.WeightFiles;
import dev.tinsmith.models.ModelException;
import dev.tinsmith.models.Progress;
import dev.tinsmith.models.TinyFolder;
import dev.tinsmith.models.peft.PeftExport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdapterExportTest {
    private static final int RANK = 4;
    private static final double SCALE = 8;
    private static final String UP = "model.layers.1.mlp.up_proj";

    @TempDir Path directory;

    @Test
    void thePeftFolderHoldsExactlyWhatPeftReads() {
        Path checkpoint = checkpoint(mlp());
        Path out = directory.resolve("out");

        AdapterExport.peft(checkpoint, out);

        assertThat(names(out)).containsExactly("adapter_config.json", "adapter_model.safetensors");
        assertThat(JsonFile.read(out.resolve("adapter_config.json")).propertyNames())
                .containsExactlyInAnyOrder(
                        "peft_type",
                        "auto_mapping",
                        "base_model_name_or_path",
                        "bias",
                        "fan_in_fan_out",
                        "inference_mode",
                        "init_lora_weights",
                        "lora_alpha",
                        "lora_dropout",
                        "modules_to_save",
                        "r",
                        "rank_pattern",
                        "alpha_pattern",
                        "target_modules",
                        "task_type");
        assertThat(AdapterConfig.read(out).baseModel()).isEqualTo("acme/tiny");
        assertThat(out.resolve("adapter_model.safetensors"))
                .hasSameBinaryContentAs(checkpoint.resolve("adapter_model.safetensors"));
    }

    @Test
    void theRawFolderKeepsItsOptimizerAndOurKey() {
        List<Factors> factors = mlp();
        Path checkpoint = checkpoint(factors);
        AdapterFolder.writeMoments(checkpoint, new Moments(3, factors, factors));
        Path out = directory.resolve("out");

        export(checkpoint, ExportFormat.TINKER, out);

        try (AdapterFolder read = AdapterFolder.open(out)) {
            assertThat(read.config().lora().seed()).isEqualTo(42);
            assertThat(read.moments()).isEqualTo(new Moments(3, factors, factors));
        }
    }

    @ParameterizedTest
    @CsvSource({"F32,1e-5", "F16,0.02", "BF16,0.15"})
    void theMergedWeightIsTheSum(DType dtype, double tolerance) {
        Path base = TinyFolder.at(directory.resolve("base"), dtype, true).write();
        List<Factors> factors = mlp();
        Path out = directory.resolve("out");

        AdapterExport.export(checkpoint(factors), ExportFormat.MERGED, base, out, Progress.SILENT);

        try (WeightFiles before = WeightFiles.open(base);
                WeightFiles after = WeightFiles.open(out)) {
            assertThat(after.tensors()).isEqualTo(before.tensors());
            for (Factors pair : factors) {
                String name = pair.module() + ".weight";
                float[] merged = after.floats(name);
                float[] expected = sum(before.floats(name), pair);
                assertThat(merged).isNotEqualTo(before.floats(name));
                for (int i = 0; i < merged.length; i++) {
                    assertThat((double) merged[i]).isCloseTo(expected[i], within(tolerance));
                }
            }
            for (String same : List.of("model.norm.weight", "model.embed_tokens.weight")) {
                assertThat(after.floats(same)).isEqualTo(before.floats(same));
            }
        }
        assertThat(names(out))
                .containsExactly(
                        "config.json",
                        "generation_config.json",
                        "model.safetensors",
                        "tokenizer.json",
                        "tokenizer_config.json");
        assertThat(HfConfig.read(out).bool("tie_word_embeddings", false)).isTrue();
    }

    @Test
    void aTiedModelWithAnAdaptedUnembeddingIsTiedNoMore() {
        Path base = TinyFolder.at(directory.resolve("base"), DType.F32, true).write();
        Factors unembedding = factors("lm_head", TinyFolder.HIDDEN, TinyFolder.VOCABULARY);
        Path out = directory.resolve("out");

        AdapterExport.export(
                checkpoint(List.of(unembedding)), ExportFormat.MERGED, base, out, Progress.SILENT);

        try (WeightFiles before = WeightFiles.open(base);
                WeightFiles after = WeightFiles.open(out)) {
            float[] embedding = before.floats("model.embed_tokens.weight");
            assertThat(after.floats("model.embed_tokens.weight")).isEqualTo(embedding);
            assertClose(after.floats("lm_head.weight"), sum(embedding, unembedding));
        }
        assertThat(HfConfig.read(out).bool("tie_word_embeddings", true)).isFalse();
        assertThat(HfConfig.read(out).integer("hidden_size")).isEqualTo(TinyFolder.HIDDEN);
    }

    @Test
    void anUnembeddingOfItsOwnIsMergedWhereItIs() {
        Path base = TinyFolder.at(directory.resolve("base"), DType.F32, false).write();
        Factors unembedding = factors("lm_head", TinyFolder.HIDDEN, TinyFolder.VOCABULARY);
        Path out = directory.resolve("out");

        AdapterExport.export(
                checkpoint(List.of(unembedding)), ExportFormat.MERGED, base, out, Progress.SILENT);

        try (WeightFiles before = WeightFiles.open(base);
                WeightFiles after = WeightFiles.open(out)) {
            assertClose(
                    after.floats("lm_head.weight"),
                    sum(before.floats("lm_head.weight"), unembedding));
        }
    }

    @Test
    void aLargeModelIsCutIntoShardsWithAnIndex() throws IOException {
        Path base = TinyFolder.write(directory.resolve("base"));
        TinyFolder.shard(base);
        Path whole = directory.resolve("whole");
        Path cut = directory.resolve("cut");
        Path checkpoint = checkpoint(mlp());

        AdapterExport.merged(checkpoint, base, whole, Long.MAX_VALUE, Progress.SILENT);
        AdapterExport.merged(checkpoint, base, cut, 1500, Progress.SILENT);

        assertThat(names(cut)).contains("model-00001-of-00004.safetensors");
        assertThat(
                        JsonFile.read(cut.resolve("model.safetensors.index.json"))
                                .path("metadata")
                                .path("total_size")
                                .asLong(0))
                .isEqualTo(4 * 1040);
        try (WeightFiles one = WeightFiles.open(whole);
                WeightFiles many = WeightFiles.open(cut)) {
            assertThat(many.tensors()).isEqualTo(one.tensors());
            for (String name : one.tensors().keySet()) {
                assertThat(many.floats(name)).isEqualTo(one.floats(name));
            }
        }
    }

    @Test
    void shardsAreFilledInOrderAndATensorIsNeverCut() {
        List<TensorSpec> tensors = new ArrayList<>();
        for (long size : new long[] {3, 3, 5, 9, 1}) {
            tensors.add(new TensorSpec("t" + tensors.size(), DType.U8, List.of(size)));
        }
        assertThat(Shard.deal(tensors, 6))
                .extracting(shard -> shard.tensors().size())
                .containsExactly(2, 1, 1, 1);
        assertThat(Shard.deal(tensors, 21))
                .extracting(Shard::file)
                .containsExactly("model.safetensors");
    }

    @Test
    void progressEndsWithEverything() {
        AtomicReference<List<Long>> last = new AtomicReference<>(List.of());
        Path base = TinyFolder.write(directory.resolve("base"));
        AdapterExport.export(
                checkpoint(mlp()),
                ExportFormat.MERGED,
                base,
                directory.resolve("out"),
                (_, done, total) -> last.set(List.of(done, total)));
        assertThat(last.get()).isEqualTo(List.of(4L * 1040, 4L * 1040));
    }

    @Test
    void theFactorsOfExpertsGoOutExpertByExpert() throws IOException {
        List<Factors> stacked =
                List.of(
                        stacked("w1", 8, 12, new AdapterFolder.Stack(1, 3)),
                        stacked("w2", 12, 8, new AdapterFolder.Stack(3, 1)),
                        stacked("w3", 8, 12, new AdapterFolder.Stack(1, 3)));
        Path into = directory.resolve("peft");
        Path checkpoint = checkpoint(stacked);
        Files.createDirectories(into);
        PeftExport.write(checkpoint, "acme/tiny", into);

        try (AdapterFolder adapter = AdapterFolder.open(into)) {
            assertThat(adapter.modules())
                    .hasSize(9)
                    .contains(
                            "model.layers.0.mlp.experts.0.gate_proj",
                            "model.layers.0.mlp.experts.2.down_proj");
            Factors gate = adapter.factors("model.layers.0.mlp.experts.1.gate_proj");
            assertThat(gate.a()).isEqualTo(stacked.getFirst().a());
            assertThat(gate.b().toArray())
                    .isEqualTo(
                            Arrays.copyOfRange(
                                    stacked.getFirst().b().toArray(), 12 * RANK, 24 * RANK));
        }
    }

    private static Factors stacked(String leaf, int in, int out, AdapterFolder.Stack stack) {
        Random random = new Random(leaf.hashCode());
        return new Factors(
                "model.layers.0.mlp.experts." + leaf,
                RANK,
                random(random, stack.a() * RANK * in),
                random(random, stack.b() * out * RANK),
                Optional.of(stack));
    }

    @Test
    void aBaseOfAnotherShapeIsRefusedAndNothingIsLeft() {
        Path base = TinyFolder.write(directory.resolve("base"));
        Path checkpoint = checkpoint(mlp(factors(UP, 8, 7)));
        Path out = directory.resolve("out");

        refuses(
                () ->
                        AdapterExport.export(
                                checkpoint, ExportFormat.MERGED, base, out, Progress.SILENT),
                "adapts model.layers.1.mlp.up_proj in the shape [7, 8], and the base's has [12, 8]");
        assertThat(names(directory)).containsExactly("base", "checkpoint");
    }

    @Test
    void aBaseWithoutTheModuleIsRefused() {
        Path base = TinyFolder.write(directory.resolve("base"));
        Path checkpoint = checkpoint(mlp(factors("model.layers.9.mlp.up_proj", 8, 12)));
        refuses(
                () ->
                        AdapterExport.export(
                                checkpoint,
                                ExportFormat.MERGED,
                                base,
                                directory.resolve("out"),
                                Progress.SILENT),
                "adapts model.layers.9.mlp.up_proj, which the base does not have");
    }

    @Test
    void aNumberTooLargeForTheBaseIsRefused() {
        Path base = TinyFolder.at(directory.resolve("base"), DType.F16, true).write();
        Factors huge = new Factors(UP, RANK, filled(RANK * 8, 100f), filled(12 * RANK, 100f));
        refuses(
                () ->
                        AdapterExport.export(
                                checkpoint(mlp(huge)),
                                ExportFormat.MERGED,
                                base,
                                directory.resolve("out"),
                                Progress.SILENT),
                "too large for the base's F16");
        assertThat(names(directory)).containsExactly("base", "checkpoint");
    }

    @Test
    void aFolderThatHoldsSomethingIsNotTouched() throws IOException {
        Path out = Files.createDirectories(directory.resolve("out"));
        Files.writeString(out.resolve("precious"), "!");
        refuses(
                () -> export(checkpoint(mlp()), ExportFormat.PEFT, out),
                "out is there already and not an empty folder");
        assertThat(names(out)).containsExactly("precious");
    }

    @Test
    void anEmptyFolderIsFilled() throws IOException {
        Path out = Files.createDirectories(directory.resolve("out"));
        export(checkpoint(mlp()), ExportFormat.PEFT, out);
        assertThat(names(out)).hasSize(2);
        assertThat(names(directory)).containsExactly("checkpoint", "out");
    }

    @Test
    void aFolderWithoutACheckpointIsRefused() throws IOException {
        Path empty = Files.createDirectories(directory.resolve("empty"));
        refuses(
                () -> export(empty, ExportFormat.PEFT, directory.resolve("out")),
                "the checkpoint cannot be exported: adapter_config.json is missing");
    }

    @Test
    void aFormatHasOneOfThreeNames() {
        assertThat(ExportFormat.parse("merged")).isEqualTo(ExportFormat.MERGED);
        refuses(
                () -> ExportFormat.parse("MERGED"),
                "'MERGED' is no export format; there are [peft, merged, tinker]");
    }

    private void export(Path checkpoint, ExportFormat format, Path into) {
        AdapterExport.export(
                checkpoint, format, directory.resolve("no base"), into, Progress.SILENT);
    }

    private Path checkpoint(List<Factors> factors) {
        boolean unembed = factors.getFirst().module().equals("lm_head");
        Path folder = directory.resolve("checkpoint");
        try {
            Files.createDirectories(folder);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        LoraSpec lora = new LoraSpec(RANK, 42, false, !unembed, unembed);
        AdapterFolder.write(folder, new AdapterConfig(lora, "acme/tiny"), factors);
        return folder;
    }

    private static List<Factors> mlp() {
        return mlp(factors(UP, 8, 12));
    }

    private static List<Factors> mlp(Factors up) {
        return List.of(
                factors("model.layers.0.mlp.down_proj", 12, 8),
                factors("model.layers.0.mlp.gate_proj", 8, 12),
                up);
    }

    private static Factors factors(String module, int in, int out) {
        Random random = new Random(module.hashCode());
        return new Factors(module, RANK, random(random, RANK * in), random(random, out * RANK));
    }

    private static Floats random(Random random, int count) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) (0.3 * random.nextGaussian());
        }
        return Floats.of(numbers);
    }

    private static Floats filled(int count, float number) {
        float[] numbers = new float[count];
        Arrays.fill(numbers, number);
        return Floats.of(numbers);
    }

    /// In double precision, as the textbook has it.
    private static float[] sum(float[] weight, Factors pair) {
        float[] sum = weight.clone();
        for (int o = 0; o < pair.out(); o++) {
            for (int i = 0; i < pair.in(); i++) {
                double product = 0;
                for (int r = 0; r < RANK; r++) {
                    product += (double) pair.b().at(o * RANK + r) * pair.a().at(r * pair.in() + i);
                }
                sum[o * pair.in() + i] += (float) (SCALE * product);
            }
        }
        return sum;
    }

    private static void assertClose(float[] found, float[] expected) {
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < found.length; i++) {
            assertThat(found[i]).isCloseTo(expected[i], within(1e-5f));
        }
    }

    private static List<String> names(Path folder) {
        try (Stream<Path> inside = Files.list(folder)) {
            return inside.map(path -> path.getFileName().toString()).sorted().toList();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static void refuses(ThrowingCallable call, String words) {
        assertThatThrownBy(call).isInstanceOf(ModelException.class).hasMessageContaining(words);
    }
}
