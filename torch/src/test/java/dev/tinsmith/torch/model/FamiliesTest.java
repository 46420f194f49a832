package dev.tinsmith.torch.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tinsmith.engine.format.FormatException;
import dev.tinsmith.engine.format.HfConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FamiliesTest {
    @TempDir private Path folder;

    private DecoderSpec describe(String rest) throws IOException {
        String config =
                """
                {"architectures": ["LlamaForCausalLM"], "vocab_size": 49152, "num_hidden_layers": 30,
                 "hidden_size": 576, "num_attention_heads": 9, "num_key_value_heads": 3,
                 "intermediate_size": 1536, "rms_norm_eps": 1e-05, "max_position_embeddings": 8192,
                 "tie_word_embeddings": true, %s}
                """
                        .formatted(rest);
        Files.writeString(folder.resolve("config.json"), config);
        return Families.describe(HfConfig.read(folder));
    }

    @Test
    void aLlamaIsReadKeyByKey() throws IOException {
        DecoderSpec spec = describe("\"rope_theta\": 100000");

        assertThat(spec)
                .isEqualTo(
                        new DecoderSpec(
                                49152,
                                30,
                                576,
                                new DecoderSpec.Heads(9, 3, 64),
                                1536,
                                1e-5,
                                new RopeSpec(100_000, new RopeSpec.Scaling.None()),
                                8192,
                                true));
        assertThat(spec.parameters()).isEqualTo(134_515_008);
    }

    @Test
    void aHeadMayBeWiderThanTheHiddenSizeMakesIt() throws IOException {
        assertThat(describe("\"head_dim\": 128").heads().size()).isEqualTo(128);
    }

    @Test
    void ropeScalingIsReadUnderItsOldAndItsNewName() throws IOException {
        String scaling =
                "\"rope_type\": \"llama3\", \"factor\": 8.0, \"low_freq_factor\": 1.0, \"high_freq_factor\": 4.0, \"original_max_position_embeddings\": 8192";
        RopeSpec expected = new RopeSpec(500_000, new RopeSpec.Scaling.Llama3(8, 1, 4, 8192));

        assertThat(
                        describe(
                                        "\"rope_theta\": 500000, \"rope_scaling\": {%s}"
                                                .formatted(scaling))
                                .rope())
                .isEqualTo(expected);
        assertThat(
                        describe(
                                        "\"rope_parameters\": {\"rope_theta\": 500000, %s}"
                                                .formatted(scaling))
                                .rope())
                .isEqualTo(expected);
    }

    @Test
    void whatNoBlockComputesIsRefused() {
        assertThatThrownBy(() -> describe("\"attention_bias\": true"))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("attention_bias");
        assertThatThrownBy(() -> describe("\"hidden_act\": \"gelu\"")).hasMessageContaining("gelu");
        assertThatThrownBy(() ->
                        describe("\"rope_scaling\": {\"rope_type\": \"yarn\", \"factor\": 2}"))
                .hasMessageContaining("yarn")
                .hasMessageContaining("llama3");
    }

    @Test
    void llama3ScalingStretchesOnlySlowFrequencies() {
        RopeSpec.Scaling scaling = new RopeSpec.Scaling.Llama3(8, 1, 4, 8192);

        assertThat(scaling.scale(1)).isEqualTo(1);
        assertThat(scaling.scale(1e-5f)).isCloseTo(1e-5f / 8, within(1e-9f));
        assertThat(scaling.scale(0.0015f)).isBetween(0.0015f / 8, 0.0015f);
    }

    @Test
    void frequenciesFallGeometrically() {
        assertThat(new RopeSpec(10_000, new RopeSpec.Scaling.None()).frequencies(4))
                .containsExactly(1f, 0.01f);
        assertThat(new RopeSpec(10_000, new RopeSpec.Scaling.Linear(2)).frequencies(4))
                .containsExactly(0.5f, 0.005f);
    }

    @Test
    void headsThatCannotBeSharedAreRefused() {
        assertThatThrownBy(() -> new DecoderSpec.Heads(6, 4, 8)).hasMessageContaining("6 query");
        assertThatThrownBy(() -> new DecoderSpec.Heads(6, 3, 7)).hasMessageContaining("7 numbers");
    }
}
