package dev.tinsmith.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinsmith.engine.format.DType;
import dev.tinsmith.engine.format.FormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ModelCheckTest {
    /// 5·8 embedded, 8 of the last norm, and per layer 2·8 norms, 2·64 + 2·32 attention, 3·96.
    private static final long TIED = 5 * 8 + 8 + 2 * (2 * 8 + 2 * 64 + 2 * 32 + 3 * 96);

    @TempDir Path folder;

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F32", "F16", "BF16"})
    void aModelThatIsRightHasSoManyParameters(DType dtype) {
        assertThat(ModelCheck.check(TinyFolder.at(folder, dtype, true).write())).isEqualTo(TIED);
    }

    @Test
    void anUnembeddingOfItsOwnCounts() {
        TinyFolder model = TinyFolder.at(folder, DType.F32, false);
        assertThat(ModelCheck.check(model.write())).isEqualTo(TIED + 5 * 8);
    }

    @Test
    void shardsAreReadAsOne() throws IOException {
        TinyFolder.write(folder);
        TinyFolder.shard(folder);
        assertThat(ModelCheck.check(folder)).isEqualTo(TIED);
    }

    @Test
    void aTiedModelMayStoreItsUnembeddingAndOldOnesTheirFrequencies() {
        TinyFolder model =
                tiny().with("lm_head.weight", 5L, 8L)
                        .with("model.layers.0.self_attn.rotary_emb.inv_freq", 2L);
        assertThat(ModelCheck.check(model.write())).isEqualTo(TIED);
    }

    @Test
    void anArchitectureThatIsNotKnownIsRefusedWithThoseThatAre() {
        refuses(
                tiny().config("LlamaForCausalLM", "MambaForCausalLM"),
                "config.json says the architecture is MambaForCausalLM; those that are known are LlamaForCausalLM, MistralForCausalLM, Qwen2ForCausalLM, Qwen3ForCausalLM, Gemma2ForCausalLM, Gemma3ForCausalLM, MixtralForCausalLM, Qwen3MoeForCausalLM");
    }

    @ParameterizedTest
    @CsvSource({
        "'\"hidden_size\": 8,','',lacks hidden_size",
        "'\"vocab_size\": 5','\"vocab_size\": 0',vocab_size is 0; it must be at least 1",
        "'\"num_hidden_layers\": 2','\"num_hidden_layers\": 1000000',must be at most 1000",
        "'\"num_key_value_heads\": 1','\"num_key_value_heads\": 3',must divide the heads",
        "'\"hidden_size\": 8','\"hidden_size\": 8, \"head_dim\": 3',head_dim is 3; it must be even",
        "'\"hidden_size\": 8','\"hidden_size\": \"8\"',it must be a whole number",
        "'\"silu\"','\"gelu\"',hidden_act is 'gelu'",
        "'\"rope_scaling\": null','\"rope_scaling\": {\"type\": \"dynamic\"}',of type 'dynamic'",
        "'\"rope_scaling\": null','\"attention_bias\": true',attention_bias is true",
        "'\"rope_scaling\": null','\"layer_types\": [\"linear_attention\"]',has 'linear_attention'",
        "'\"rope_scaling\": null','\"quantization_config\": {}',has a quantization_config",
        "'\"max_position_embeddings\": 64,','',lacks max_position_embeddings"
    })
    void aConfigurationThatCannotBeComputedIsRefused(String from, String to, String words) {
        refuses(tiny().config(from, to), words);
    }

    @Test
    void aTensorThatIsMissingIsNamed() {
        refuses(
                tiny().without("model.layers.1.mlp.up_proj.weight"),
                "the weights lack model.layers.1.mlp.up_proj.weight");
        refuses(
                TinyFolder.at(folder.resolve("b"), DType.F32, false).without("lm_head.weight"),
                "the weights lack lm_head.weight");
    }

    @Test
    void aTensorOfAnotherShapeIsNamed() {
        refuses(
                tiny().with("model.norm.weight", 7L),
                "hold model.norm.weight in the shape [7]; config.json makes it [8]");
    }

    @Test
    void aDtypeThatIsNoWeightsIsNamed() {
        refuses(TinyFolder.at(folder, DType.I8, true), "as I8; they must be F32, F16 or BF16");
    }

    @Test
    void aTensorThatNobodyComputesWithIsNamed() {
        refuses(
                tiny().with("model.layers.0.self_attn.q_proj.bias", 8L),
                "1 tensors that a LlamaForCausalLM like this does not have, such as model.layers.0.self_attn.q_proj.bias");
    }

    @Test
    void aTokenizerIsNeeded() throws IOException {
        TinyFolder.write(folder);
        Files.delete(folder.resolve("tokenizer.json"));
        refuses("tokenizer.json");
    }

    @Test
    void aTokenizerThatIsBrokenIsRefused() throws IOException {
        TinyFolder.write(folder);
        Files.writeString(folder.resolve("tokenizer.json"), "{\"model\": {\"type\": \"X\"}}");
        refuses("tokenizer.json");
    }

    @Test
    void aTokenizerOfALargerModelIsRefused() {
        TinyFolder smaller =
                tiny().config("\"vocab_size\": 5", "\"vocab_size\": 4")
                        .with("model.embed_tokens.weight", 4L, 8L);
        refuses(smaller, "tokenizer.json has ids up to 4; config.json says vocab_size is 4");
    }

    private TinyFolder tiny() {
        return TinyFolder.at(folder.resolve("tiny"), DType.F32, true);
    }

    private static void refuses(TinyFolder model, String words) {
        Path written = model.write();
        assertThatThrownBy(() -> ModelCheck.check(written))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining(words);
    }

    private void refuses(String words) {
        assertThatThrownBy(() -> ModelCheck.check(folder))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining(words)
                .hasMessageNotContaining(folder.toString());
    }
}
