package dev.tinsmith.engine.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinsmith.engine.Floats;
import dev.tinsmith.engine.LoraSpec;
import dev.tinsmith.engine.format.AdapterFolder.Factors;
import dev.tinsmith.engine.format.AdapterFolder.Moments;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdapterFolderTest {
    private static final LoraSpec UNEMBEDDING = new LoraSpec(2, 42, false, false, true);
    private static final AdapterConfig CONFIG = new AdapterConfig(UNEMBEDDING, "tiny/llama");
    private static final Factors FACTORS =
            new Factors("lm_head", 2, Floats.of(1, 2, 3, 4, 5, 6), Floats.of(7, 8, 9, 10));

    @TempDir Path folder;

    @Test
    void anAdapterIsReadAsItWasWritten() {
        AdapterFolder.write(folder, CONFIG, List.of(FACTORS));

        try (AdapterFolder read = AdapterFolder.open(folder)) {
            assertThat(read.config()).isEqualTo(CONFIG);
            assertThat(read.modules()).containsExactly("lm_head");
            assertThat(read.factors("lm_head")).isEqualTo(FACTORS);
            assertThat(read.factors("lm_head").in()).isEqualTo(3);
            assertThat(read.factors("lm_head").out()).isEqualTo(2);
            assertThat(read.hasMoments()).isFalse();
        }
    }

    @Test
    void tensorsBearTheNamesThatPeftReads() {
        AdapterFolder.write(folder, CONFIG, List.of(FACTORS));

        try (Safetensors file = Safetensors.open(folder.resolve("adapter_model.safetensors"))) {
            assertThat(file.tensors().values())
                    .containsExactly(
                            new TensorSpec(
                                    "base_model.model.lm_head.lora_A.weight",
                                    DType.F32,
                                    List.of(2L, 3L)),
                            new TensorSpec(
                                    "base_model.model.lm_head.lora_B.weight",
                                    DType.F32,
                                    List.of(2L, 2L)));
        }
    }

    @Test
    void theOptimizersStateIsReadAsItWasWritten() {
        Moments moments = new Moments(7, List.of(FACTORS), List.of(FACTORS));
        AdapterFolder.write(folder, CONFIG, List.of(FACTORS));
        AdapterFolder.writeMoments(folder, moments);

        try (AdapterFolder read = AdapterFolder.open(folder);
                Safetensors file = Safetensors.open(folder.resolve("optimizer.safetensors"))) {
            assertThat(read.hasMoments()).isTrue();
            assertThat(read.moments()).isEqualTo(moments);
            assertThat(file.tensors())
                    .containsOnlyKeys(
                            "lm_head.lora_A.m",
                            "lm_head.lora_A.v",
                            "lm_head.lora_B.m",
                            "lm_head.lora_B.v");
            assertThat(file.metadata()).isEqualTo(Map.of("step", "7"));
        }
    }

    @Test
    void momentsThatAreNotThereAreRefused() {
        AdapterFolder.write(folder, CONFIG, List.of(FACTORS));
        try (AdapterFolder read = AdapterFolder.open(folder)) {
            refuses(read::moments, "the checkpoint has no optimizer state");
        }
    }

    @Test
    void momentsOfAnotherShapeAreRefused() {
        Factors wider = new Factors("lm_head", 2, Floats.of(1, 2), Floats.of(7, 8, 9, 10));
        AdapterFolder.write(folder, CONFIG, List.of(FACTORS));
        AdapterFolder.writeMoments(folder, new Moments(1, List.of(wider), List.of(FACTORS)));
        try (AdapterFolder read = AdapterFolder.open(folder)) {
            refuses(read::moments, "lm_head.m of another shape");
        }
    }

    @Test
    void theConfigHasExactlyPeftsKeysAndOneOfOurs() {
        CONFIG.write(folder);

        assertThat(JsonFile.read(folder.resolve("adapter_config.json")).toString())
                .isEqualTo(
                        """
                        {"alpha_pattern":{},"auto_mapping":null,\
                        "base_model_name_or_path":"tiny/llama","bias":"none",\
                        "fan_in_fan_out":false,"inference_mode":true,"init_lora_weights":true,\
                        "lora_alpha":32,"lora_dropout":0.0,"modules_to_save":null,\
                        "peft_type":"LORA","r":2,"rank_pattern":{},"target_modules":["lm_head"],\
                        "task_type":"CAUSAL_LM","tinsmith":{"seed":42}}\
                        """);
    }

    @Test
    void whatGoesToPeftHasNothingOfOurs() {
        AdapterFolder.writeForPeft(folder, CONFIG, List.of(FACTORS));

        assertThat(JsonFile.read(folder.resolve("adapter_config.json")).has("tinsmith")).isFalse();
        assertThat(AdapterConfig.read(folder).lora())
                .isEqualTo(new LoraSpec(2, 0, false, false, true));
    }

    @ParameterizedTest
    @CsvSource({
        "true,false,false,'[k_proj, o_proj, q_proj, v_proj]'",
        "false,true,false,'[down_proj, gate_proj, up_proj]'",
        "true,true,true,'[down_proj, gate_proj, k_proj, lm_head, o_proj, q_proj, up_proj, v_proj]'"
    })
    void whatIsAdaptedIsReadFromTheModulesNamed(
            boolean attn, boolean mlp, boolean unembed, String modules) {
        AdapterConfig config = new AdapterConfig(new LoraSpec(8, -3, attn, mlp, unembed), "b");
        config.write(folder);

        assertThat(config.targetModules()).hasToString(modules);
        assertThat(AdapterConfig.read(folder)).isEqualTo(config);
    }

    @ParameterizedTest
    @CsvSource({
        "'\"lora_alpha\" : 32','\"lora_alpha\" : 16',lora_alpha is 16",
        "'\"LORA\"','\"IA3\"',peft_type",
        "'\"r\" : 2','\"r\" : 3',rank is 3",
        "'\"r\" : 2','\"rank\" : 2',rank is 0",
        "'\"fan_in_fan_out\" : false','\"fan_in_fan_out\" : true',fan_in_fan_out is true",
        "'\"bias\"','\"use_dora\" : true, \"bias\"',use_dora is true",
        "'\"lm_head\"','\"q_proj\"',target_modules is [q_proj]",
        "'base_model_name_or_path','base',base_model_name_or_path"
    })
    void anAdapterOfAnotherKindIsRefused(String from, String to, String words) throws IOException {
        CONFIG.write(folder);
        Path file = folder.resolve("adapter_config.json");
        String text = Files.readString(file);
        assertThat(text).contains(from);
        Files.writeString(file, text.replace(from, to));

        refuses(() -> AdapterConfig.read(folder), words);
    }

    @Test
    void weightsThatDoNotFitTheConfigAreRefused() {
        new AdapterConfig(new LoraSpec(4, 0, false, false, true), "b").write(folder);
        weights("base_model.model.lm_head.lora_A.weight", "base_model.model.lm_head.lora_B.weight");
        refuses(() -> AdapterFolder.open(folder), "says r is 4");
    }

    @Test
    void aFactorWithoutItsPartnerIsRefused() {
        CONFIG.write(folder);
        weights("base_model.model.lm_head.lora_A.weight");
        refuses(() -> AdapterFolder.open(folder), "lacks base_model.model.lm_head.lora_B.weight");
    }

    @Test
    void anAdaptedModuleThatTheConfigDoesNotNameIsRefused() {
        CONFIG.write(folder);
        weights(
                "base_model.model.x.q_proj.lora_A.weight",
                "base_model.model.x.q_proj.lora_B.weight");
        refuses(() -> AdapterFolder.open(folder), "adapts x.q_proj");
    }

    @Test
    void aTensorOfAnotherNameIsRefused() {
        CONFIG.write(folder);
        weights("lm_head.weight");
        refuses(() -> AdapterFolder.open(folder), "holds lm_head.weight; names are such as");
    }

    private void weights(String... names) {
        List<Safetensors.Entry> entries =
                List.of(names).stream()
                        .map(name -> new TensorSpec(name, DType.F32, List.of(2L, 2L)))
                        .map(spec ->
                                new Safetensors.Entry(spec, MemorySegment.ofArray(new float[4])))
                        .toList();
        Safetensors.write(folder.resolve("adapter_model.safetensors"), Map.of(), entries);
    }

    private static void refuses(ThrowingCallable call, String words) {
        assertThatThrownBy(call).isInstanceOf(FormatException.class).hasMessageContaining(words);
    }
}
