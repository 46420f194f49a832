package dev.tinsmith.torch.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tinsmith.engine.format.FormatException;
import dev.tinsmith.engine.format.HfConfig;
import dev.tinsmith.torch.model.AttentionSpec;
import dev.tinsmith.torch.model.DecoderSpec;
import dev.tinsmith.torch.model.EmbeddingSpec;
import dev.tinsmith.torch.model.FeedForwardSpec;
import dev.tinsmith.torch.model.NormSpec;
import dev.tinsmith.torch.model.RopeSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FamiliesTest {
    @TempDir private Path folder;

    private DecoderSpec describe(String rest) throws IOException {
        return describe("Llama", rest);
    }

    private DecoderSpec describe(String family, String rest) throws IOException {
        String config =
                """
                {"architectures": ["%sForCausalLM"], "vocab_size": 49152, "num_hidden_layers": 30,
                 "hidden_size": 576, "num_attention_heads": 9, "num_key_value_heads": 3,
                 "intermediate_size": 1536, "rms_norm_eps": 1e-05, "max_position_embeddings": 8192,
                 "tie_word_embeddings": true, %s}
                """
                        .formatted(family, rest);
        Files.writeString(folder.resolve("config.json"), config);
        return Families.describe(HfConfig.read(folder));
    }

    @Test
    void aLlamaIsReadKeyByKey() throws IOException {
        DecoderSpec spec = describe("\"rope_theta\": 100000");

        assertThat(spec)
                .isEqualTo(
                        new DecoderSpec(
                                EmbeddingSpec.of(49152, true),
                                30,
                                576,
                                AttentionSpec.of(
                                        new DecoderSpec.Heads(9, 3, 64),
                                        new RopeSpec(100_000, new RopeSpec.Scaling.None())),
                                FeedForwardSpec.of(1536, FeedForwardSpec.Activation.SILU),
                                NormSpec.of(1e-5),
                                8192));
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
                                .attention()
                                .rope())
                .isEqualTo(expected);
        assertThat(
                        describe(
                                        "\"rope_parameters\": {\"rope_theta\": 500000, %s}"
                                                .formatted(scaling))
                                .attention()
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
                        describe("\"rope_scaling\": {\"rope_type\": \"dynamic\", \"factor\": 2}"))
                .hasMessageContaining("dynamic")
                .hasMessageContaining("llama3");
    }

    @Test
    void aMistralsTokensSeeAsFarAsItsWindow() throws IOException {
        assertThat(describe("Mistral", "\"sliding_window\": 5").attention().window(29))
                .isEqualTo(5);
        assertThat(describe("Mistral", "\"sliding_window\": null").attention().window(0))
                .isEqualTo(AttentionSpec.ALL);
    }

    @Test
    void aQwen2HasBiasesAndWindowsOnlyIfItIsToldTo() throws IOException {
        DecoderSpec plain = describe("Qwen2", "\"sliding_window\": 5, \"max_window_layers\": 20");
        assertThat(plain.attention().biased()).isTrue();
        assertThat(plain.attention().distinctWindows()).containsExactly(AttentionSpec.ALL);
        assertThat(plain.parameters()).isEqualTo(134_515_008 + 30 * (576 + 2 * 192));

        DecoderSpec windowed =
                describe(
                        "Qwen2",
                        "\"use_sliding_window\": true, \"sliding_window\": 5, \"max_window_layers\": 20");
        assertThat(windowed.attention().window(19)).isEqualTo(AttentionSpec.ALL);
        assertThat(windowed.attention().window(20)).isEqualTo(5);
    }

    @Test
    void aQwen3NormsItsHeadsWhichAre128WideUnlessItSaysOtherwise() throws IOException {
        DecoderSpec spec = describe("Qwen3", "\"rope_theta\": 1000000");
        assertThat(spec.attention().normed()).isTrue();
        assertThat(spec.attention().biased()).isFalse();
        assertThat(spec.heads().size()).isEqualTo(128);
        assertThat(describe("Qwen3", "\"head_dim\": 64").parameters())
                .isEqualTo(134_515_008 + 30 * 2 * 64);
    }

    @Test
    void aGemma2CapsItsScoresAndHasAWindowInEveryOtherLayer() throws IOException {
        DecoderSpec spec = describe("Gemma2", "\"sliding_window\": 4096");
        assertThat(spec.attention().cap()).hasValue(50);
        assertThat(spec.attention().scale()).isEqualTo(1.0 / 16);
        assertThat(spec.attention().window(0)).isEqualTo(4096);
        assertThat(spec.attention().window(1)).isEqualTo(AttentionSpec.ALL);
        assertThat(spec.embedding())
                .isEqualTo(new EmbeddingSpec(49152, true, 24, spec.embedding().cap()));
        assertThat(spec.embedding().cap()).hasValue(30);
        assertThat(spec.norms()).isEqualTo(new NormSpec(1e-5, true, true));
        assertThat(
                        describe(
                                        "Gemma2",
                                        "\"sliding_window\": 4096, \"final_logit_softcapping\": null")
                                .embedding()
                                .cap())
                .isEmpty();
    }

    @Test
    void aGemma3TurnsPositionsFasterInLayersWithWindows() throws IOException {
        AttentionSpec attention =
                describe(
                                "Gemma3",
                                "\"sliding_window\": 512, \"rope_theta\": 1000000, \"rope_local_base_freq\": 10000, \"rope_scaling\": {\"rope_type\": \"linear\", \"factor\": 8.0}")
                        .attention();
        assertThat(attention.window(4)).isEqualTo(512);
        assertThat(attention.window(5)).isEqualTo(AttentionSpec.ALL);
        assertThat(attention.rope())
                .isEqualTo(new RopeSpec(1_000_000, new RopeSpec.Scaling.Linear(8)));
        assertThat(attention.nearRope())
                .contains(new RopeSpec(10_000, new RopeSpec.Scaling.None()));
        assertThatThrownBy(() ->
                        describe(
                                "Gemma3",
                                "\"sliding_window\": 512, \"attn_logit_softcapping\": 50.0"))
                .hasMessageContaining("attn_logit_softcapping is 50.0");
        assertThatThrownBy(() ->
                        describe(
                                "Gemma3",
                                "\"sliding_window\": 512, \"use_bidirectional_attention\": true"))
                .hasMessageContaining("use_bidirectional_attention is true");
    }

    @Test
    void aTypeOfLayerThatIsNotKnownIsRefusedByItsName() {
        assertThatThrownBy(() ->
                        describe(
                                "Qwen3",
                                "\"layer_types\": [%s]".formatted(types("chunked_attention"))))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("layer_types has 'chunked_attention'");
        assertThatThrownBy(() -> describe("Qwen3", "\"layer_types\": [\"full_attention\"]"))
                .hasMessageContaining("layer_types has 1 entries and num_hidden_layers is 30");
    }

    private static String types(String type) {
        return String.join(", ", Collections.nCopies(30, '"' + type + '"'));
    }

    @Test
    void llama3ScalingStretchesOnlySlowFrequencies() {
        RopeSpec.Scaling scaling = new RopeSpec.Scaling.Llama3(8, 1, 4, 8192);

        assertThat(scaling.scale(1, 0, 64, 1e4)).isEqualTo(1);
        assertThat(scaling.scale(1e-5f, 0, 64, 1e4)).isCloseTo(1e-5f / 8, within(1e-9f));
        assertThat(scaling.scale(0.0015f, 0, 64, 1e4)).isBetween(0.0015f / 8, 0.0015f);
    }

    @Test
    void yarnStretchesSlowPairsAndGrowsScores() throws IOException {
        RopeSpec rope =
                describe(
                                "Qwen2",
                                "\"rope_scaling\": {\"type\": \"yarn\", \"factor\": 4.0, \"original_max_position_embeddings\": 2048}")
                        .attention()
                        .rope();
        RopeSpec.Scaling scaling = rope.scaling();

        assertThat(scaling.magnitude()).isCloseTo(1 + 0.1 * Math.log(4), within(1e-12));
        assertThat(scaling.scale(1, 0, 64, 1e4)).isEqualTo(1);
        assertThat(scaling.scale(1e-4f, 31, 64, 1e4)).isEqualTo(1e-4f / 4);
    }

    @Test
    void headsThatAreRotatedInPartAreRefused() {
        assertThatThrownBy(() ->
                        describe(
                                "Llama",
                                "\"partial_rotary_factor\": 0.5, \"rope_scaling\": {\"type\": \"default\"}"))
                .hasMessageContaining("partial_rotary_factor is 0.5");
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
