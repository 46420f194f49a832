package dev.tinsmith.models.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinsmith.engine.LoraSpec;
import dev.tinsmith.engine.format.AdapterConfig;
import dev.tinsmith.engine.format.AdapterFolder;
import dev.tinsmith.engine.format.AdapterFolder.Factors;
import dev.tinsmith.engine.format.DType;
import dev.tinsmith.engine.format.FormatException;
import dev.tinsmith.engine.format.JsonFile;
import dev.tinsmith.engine.format.Safetensors;
import dev.tinsmith.engine.format.WeightFiles;
import dev.tinsmith.models.InstalledModel;
import dev.tinsmith.models.TinyFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

class AdapterImportTest {
    private static final String FIRST = Foreign.QUERIES.formatted(0);

    @TempDir Path directory;
    private int refusals;

    @Test
    void ofRankAndScaleOfOursEveryNumberStaysAsItIs() {
        Foreign foreign = Foreign.of(4, 32);
        Imported imported = bring(foreign);

        assertThat(imported.lora()).isEqualTo(new LoraSpec(4, 0, true, false, false));
        assertThat(imported.remarks()).isEmpty();
        Factors factors = factors(FIRST);
        assertThat(factors.a().toArray()).isEqualTo(foreign.a(FIRST));
        assertThat(factors.b().toArray()).isEqualTo(foreign.b(FIRST));
    }

    @Test
    void otherRanksAreFilledUpWithZerosAndOtherScalesGoIntoB() {
        Foreign foreign = Foreign.of(3, 12);
        Imported imported = bring(foreign);

        assertThat(imported.lora().rank()).isEqualTo(4);
        assertThat(imported.remarks())
                .containsExactly(
                        "its rank is 3 and is held as 4; what that adds is zero and stays zero");
        Factors factors = factors(FIRST);
        assertThat(factors.a().toArray()).isEqualTo(Arrays.copyOf(foreign.a(FIRST), 4 * 8));
        float[] b = foreign.b(FIRST);
        assertThat(factors.b().toArray())
                .isEqualTo(
                        floats(
                                IntStream.range(0, 8 * 4)
                                        .mapToDouble(
                                                i -> i % 4 == 3 ? 0 : b[i / 4 * 3 + i % 4] * 0.5)));
    }

    private static float[] floats(DoubleStream numbers) {
        double[] doubles = numbers.toArray();
        float[] floats = new float[doubles.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) doubles[i];
        }
        return floats;
    }

    @Test
    void whatTheAdapterDoesNotChangeIsZero() {
        bring(Foreign.of(4, 32));

        try (AdapterFolder checkpoint = AdapterFolder.open(checkpoint())) {
            assertThat(checkpoint.modules()).hasSize(8).contains("model.layers.1.self_attn.o_proj");
        }
        Factors idle = factors("model.layers.1.self_attn.o_proj");
        assertThat(idle.a().toArray()).containsOnly(0);
        assertThat(idle.b().toArray()).containsOnly(0);
    }

    @ParameterizedTest
    @CsvSource({"4,32", "4,1", "3,12", "5,20", "1,256", "16,0.5"})
    void whatCameGoesOutAgainToTheBit(int rank, double alpha) {
        Foreign foreign = Foreign.of(rank, alpha).says("lora_dropout", "0.1");
        bring(foreign);

        Path out = export();

        assertThat(out.resolve("adapter_model.safetensors"))
                .hasSameBinaryContentAs(directory.resolve("in/adapter_model.safetensors"));
        ObjectNode said = JsonFile.read(out.resolve("adapter_config.json"));
        assertThat(said.path("r").asInt()).isEqualTo(rank);
        assertThat(said.path("lora_alpha").asDouble()).isEqualTo(alpha);
        assertThat(said.path("lora_dropout").asDouble()).isEqualTo(0.1);
        assertThat(said.path("target_modules")).hasToString("[\"q_proj\",\"v_proj\"]");
        assertThat(said.has("tinsmith")).isFalse();
    }

    @Test
    void whatARunMadeOfItGoesOutWithoutTheZeros() throws IOException {
        Foreign foreign = Foreign.of(3, 12);
        bring(foreign);
        Path saved = Files.createDirectories(directory.resolve("saved"));
        try (AdapterFolder folder = AdapterFolder.open(checkpoint())) {
            AdapterFolder.write(
                    saved,
                    folder.config(),
                    folder.modules().stream().map(folder::factors).toList());
        }

        Path out = Files.createDirectories(directory.resolve("out"));
        PeftExport.write(saved, "acme/tiny", out);

        ObjectNode said = JsonFile.read(out.resolve("adapter_config.json"));
        assertThat(said.path("r").asInt()).isEqualTo(3);
        assertThat(said.path("lora_alpha").asInt()).isEqualTo(24);
        assertThat(said.path("target_modules")).hasToString("[\"q_proj\",\"v_proj\"]");
        try (Safetensors tensors = Safetensors.open(out.resolve("adapter_model.safetensors"))) {
            assertThat(tensors.tensors()).hasSize(8);
            String name = "base_model.model." + FIRST;
            assertThat(tensors.floats(name + ".lora_A.weight")).isEqualTo(foreign.a(FIRST));
            float[] b = foreign.b(FIRST);
            for (int i = 0; i < b.length; i++) {
                b[i] /= 2;
            }
            assertThat(tensors.floats(name + ".lora_B.weight")).isEqualTo(b);
        }
    }

    @Test
    void patternsDecideRankAndScaleOfAModule() {
        Foreign foreign =
                Foreign.of(4, 32)
                        .pair("base_model.model." + FIRST, 2, 8, 8)
                        .says("rank_pattern", "{\"layers.0.self_attn.q_proj\": 2}")
                        .says("alpha_pattern", "{\"0.*q_proj\": 8, \"q_proj\": 64}");
        Imported imported = bring(foreign);

        assertThat(imported.facts())
                .containsEntry("imported_rank", "2 to 4")
                .containsEntry("imported_alpha", "8 to 64");
        float[] b = foreign.b(FIRST);
        assertThat(factors(FIRST).b().at(0)).isEqualTo(b[0] * 0.5f);
        String second = Foreign.QUERIES.formatted(1);
        assertThat(factors(second).b().at(0)).isEqualTo(foreign.b(second)[0] * 2);
        assertThat(export().resolve("adapter_model.safetensors"))
                .hasSameBinaryContentAs(directory.resolve("in/adapter_model.safetensors"));
    }

    @Test
    void aScaleThatIsNoPowerOfTwoIsRoundedAndSaid() {
        Foreign foreign = Foreign.of(4, 24);
        Imported imported = bring(foreign);

        assertThat(imported.facts()).containsEntry("imported_exactly", "false");
        assertThat(imported.remarks()).singleElement().asString().contains("its scale, 6,");
        assertThat(factors(FIRST).b().at(1)).isEqualTo((float) (foreign.b(FIRST)[1] * 0.75));
        assertThat(AdapterConfig.origin(checkpoint())).isEmpty();
    }

    @Test
    void aNumberThatScalingWouldLoseIsSaidToo() {
        Foreign foreign = Foreign.of(4, 1);
        float[] b = foreign.b(FIRST);
        b[0] = Float.MIN_VALUE;
        foreign.tensor("base_model.model." + FIRST + ".lora_B.weight", 8, 4, b);

        assertThat(bring(foreign).facts()).containsEntry("imported_exactly", "false");
    }

    @ParameterizedTest
    @CsvSource({"16,64", "4,2"})
    void rsLoraIsTakenWhereItsRootIsWhole(int rank, double alpha) {
        Imported imported = bring(Foreign.of(rank, alpha).says("use_rslora", "true"));

        assertThat(imported.facts()).containsEntry("imported_exactly", "true");
    }

    @ParameterizedTest
    @CsvSource({
        "base_model.model.%s",
        "%s",
        "base_model.model._orig_mod.%s",
        "module.base_model.model.%s",
        "base_model.model.model.%s",
        "base_model.model.layers.0.self_attn.q_proj",
        "base_model.model.model.language_model.layers.0.self_attn.q_proj"
    })
    void modulesAreFoundUnderTheNamesThatToolsGive(String pattern) {
        Foreign foreign =
                Foreign.of(4, 32)
                        .without("base_model.model." + FIRST + ".lora_A.weight")
                        .without("base_model.model." + FIRST + ".lora_B.weight")
                        .pair(pattern.formatted(FIRST), 4, 8, 8);

        bring(foreign);

        assertThat(factors(FIRST).a().toArray())
                .isEqualTo(foreign.given(pattern.formatted(FIRST) + ".lora_A.weight"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'\".*\\\\.(?P<leaf>q_proj|v_proj)\"'",
                "'\"all-linear\"'",
                "'[\"self_attn.q_proj\", \"v_proj\", \"router\"]'",
                "null"
            })
    void targetsAreListsOrExpressions(String targets) {
        assertThat(bring(Foreign.of(4, 32).says("target_modules", targets)).remarks()).isEmpty();
    }

    @Test
    void anAdapterMayChangeSomeLayersOnly() {
        Foreign foreign =
                Foreign.of(4, 32)
                        .says("target_modules", "[\"q_proj\"]")
                        .says("layers_to_transform", "[0]");
        for (String module :
                List.of(
                        Foreign.VALUES.formatted(0),
                        Foreign.VALUES.formatted(1),
                        Foreign.QUERIES.formatted(1))) {
            foreign.without("base_model.model." + module + ".lora_A.weight");
            foreign.without("base_model.model." + module + ".lora_B.weight");
        }

        bring(foreign);

        assertThat(factors(Foreign.QUERIES.formatted(1)).a().toArray()).containsOnly(0);
        assertThat(factors(FIRST).a().toArray()).isEqualTo(foreign.a(FIRST));
    }

    @Test
    void theUnembeddingOfATiedBaseIsAdaptedAlone() {
        Foreign foreign =
                Foreign.of(4, 32)
                        .pair("base_model.model.model.unembed_tokens", 4, 8, 5)
                        .says("target_modules", "null");

        assertThat(bring(foreign).lora().unembed()).isTrue();
        assertThat(factors("lm_head").out()).isEqualTo(5);
    }

    @Test
    void copiesOfTheBaseAreLeftOutAndOthersRefused() {
        base();
        try (WeightFiles weights = WeightFiles.open(directory.resolve("base"))) {
            float[] embedding = weights.floats("model.embed_tokens.weight");
            String name = "base_model.model.model.embed_tokens.weight";
            Foreign same = Foreign.of(4, 32).tensor(name, 5, 8, embedding);
            assertThat(bring(same).remarks())
                    .containsExactly(name + " repeats what the base has and was left out");
            refuses(Foreign.of(4, 32).tensor(name, 5, 8), "which is not what the base has");
        }
    }

    @Test
    void aCheckpointExportedAsItIsKeepsItsOptimizer() {
        bring(Foreign.of(4, 32));
        Path ours = checkpoint();
        try (AdapterFolder folder = AdapterFolder.open(ours)) {
            List<Factors> all = folder.modules().stream().map(folder::factors).toList();
            AdapterFolder.writeMoments(ours, new AdapterFolder.Moments(3, all, all));
        }

        Path again = directory.resolve("again");
        read(ours, again);

        assertThat(again.resolve("optimizer.safetensors"))
                .hasSameBinaryContentAs(ours.resolve("optimizer.safetensors"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "use_dora|true|use_dora is true",
                "use_rslora|true|use_rslora is true, and the scale of model.layers.0",
                "use_rslora|1|use_rslora is 1; it must be true or false",
                "bias|'\"lora_only\"'|bias is",
                "lora_bias|true|lora_bias is true",
                "modules_to_save|'[\"embed_tokens\"]'|modules_to_save is",
                "trainable_token_indices|'[1]'|trainable_token_indices is",
                "layer_replication|'[[0, 1]]'|layer_replication is",
                "init_lora_weights|'\"pissa_niter_4\"'|init_lora_weights is",
                "init_lora_weights|'\"olora\"'|init_lora_weights is",
                "corda_config|'{\"a\": 1}'|corda_config is",
                "peft_type|'\"LOHA\"'|peft_type is",
                "task_type|'\"SEQ_CLS\"'|task_type is",
                "fan_in_fan_out|true|fan_in_fan_out is true",
                "what_is_this|3|what_is_this is 3; it is not known here",
                "r|0|r is 0; it must be a whole number of at least 1",
                "r|2.5|r is 2.5",
                "r|'\"4\"'|r is",
                "r|256|is 256; it may be at most 128 here",
                "r|8|in the shape [4, 8]",
                "lora_alpha|-1|lora_alpha is -1; it must be a number above 0",
                "alpha_pattern|'{\"q_proj\": 0}'|alpha_pattern of 'q_proj' is 0",
                "rank_pattern|'{\"(q\": 4}'|no regular expression",
                "target_modules|'[\"q_proj\"]'|which adapter_config.json does not target",
                "target_modules|'[\"q_proj\", \"v_proj\", \"o_proj\"]'|lacks the factors of model.layers.0.self_attn.o_proj",
                "target_modules|3|target_modules is 3",
                "target_modules|'[3]'|target_modules is [3]",
                "exclude_modules|'[\"v_proj\"]'|does not target",
                "layers_to_transform|'\"all\"'|layers_to_transform is"
            })
    void aSettingThatCannotBeSaidIsRefusedByName(String key, String json, String words) {
        refuses(Foreign.of(4, 24).says(key, json), words);
    }

    @ParameterizedTest
    @CsvSource({
        "base_model.model.model.layers.0.mlp.experts.1.up_proj.lora_A.weight,factors of experts are not taken in",
        "base_model.model.model.layers.2.self_attn.q_proj.lora_A.weight,acme/tiny has no such",
        "base_model.model.model.embed_tokens.lora_embedding_A,input embedding is not adapted",
        "base_model.model.model.layers.0.self_attn.q_proj.lora_magnitude_vector.weight,DoRA",
        "base_model.model.model.layers.0.self_attn.q_proj.lora_B.bias,biases are not",
        "base_model.model.score.modules_to_save.weight,whole modules are not",
        "base_model.model.model.norm.weight,a plain LoRA adapter has only such as",
        "base_model.model.model.layers.0.self_attn.q_proj.lora_A.two.weight,save them one by one"
    })
    void aTensorOfNoPlainAdapterIsRefusedByName(String tensor, String words) {
        refuses(Foreign.of(4, 32).tensor(tensor, 4, 8), words);
    }

    @Test
    void brokenFilesAreRefused() throws IOException {
        String tensor = "base_model.model." + FIRST + ".lora_A.weight";
        refuses(Foreign.of(4, 32).without(tensor), "lacks lora_A of " + FIRST);
        refuses(Foreign.of(4, 32).tensor(tensor, 4, 7), "in the shape [4, 7]; with rank 4");
        float[] bad = Foreign.of(4, 32).a(FIRST);
        bad[5] = Float.NaN;
        refuses(Foreign.of(4, 32).tensor(tensor, 4, 8, bad), "holds NaN in " + tensor);
        bad[5] = Float.MAX_VALUE;
        String other = tensor.replace("lora_A", "lora_B");
        refuses(Foreign.of(4, 512).tensor(other, 8, 4, bad), "is too large for single precision");

        Path folder = Foreign.of(4, 32).write(directory.resolve("pickled"));
        Files.move(
                folder.resolve("adapter_model.safetensors"), folder.resolve("adapter_model.bin"));
        refuses(folder, "adapter_model.bin is a pickle");
        Files.delete(folder.resolve("adapter_model.bin"));
        refuses(folder, "there is no adapter_model.safetensors");
        Files.delete(folder.resolve("adapter_config.json"));
        refuses(folder, "there is no adapter_config.json");
    }

    private void refuses(Foreign foreign, String words) {
        refuses(foreign.write(directory.resolve("in")), words);
    }

    private void refuses(Path folder, String words) {
        Path into = directory.resolve("refused-" + ++refusals);
        assertThatThrownBy(() -> read(folder, into))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining(words)
                .hasMessageNotContaining(directory.toString());
    }

    private Imported bring(Foreign foreign) {
        return read(foreign.write(directory.resolve("in")), checkpoint());
    }

    private Imported read(Path folder, Path into) {
        try {
            return AdapterImport.read(folder, base(), Files.createDirectories(into));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private Path checkpoint() {
        return directory.resolve("checkpoint");
    }

    private Factors factors(String module) {
        try (AdapterFolder folder = AdapterFolder.open(checkpoint())) {
            return folder.factors(module);
        }
    }

    private Path export() {
        try {
            Path out = Files.createDirectories(directory.resolve("out"));
            PeftExport.write(checkpoint(), "acme/tiny", out);
            return out;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private InstalledModel base() {
        Path folder = directory.resolve("base");
        if (!Files.exists(folder)) {
            TinyFolder.at(folder, DType.F32, true).write();
        }
        return new InstalledModel(
                "acme/tiny", folder, "LlamaForCausalLM", 1, 1, 64, 5, "a test", Instant.EPOCH);
    }
}
