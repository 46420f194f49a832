package dev.tinsmith.models.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinsmith.engine.format.FormatException;
import dev.tinsmith.models.tokenizer.TinyTokenizer;
import dev.tinsmith.models.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class GgufImportTest {
    private static final GgufImport.Progress QUIET = (_, _, _) -> {};

    @TempDir private Path folder;
    private Path into;

    @BeforeEach
    void makeFolder() throws IOException {
        into = Files.createDirectory(folder.resolve("model"));
    }

    @Test
    void theFolderHoldsWhatAModelFolderHolds() throws IOException {
        convert(TinyLlama.whole());

        try (var files = Files.list(into)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            "config.json",
                            "generation_config.json",
                            "model.safetensors",
                            "special_tokens_map.json",
                            "tokenizer.json",
                            "tokenizer_config.json");
        }
    }

    @Test
    void theConfigurationSaysEverySize() throws IOException {
        convert(TinyLlama.whole());

        assertThat(json("config.json"))
                .isEqualTo(
                        JsonMapper.shared()
                                .readTree(
                                        """
                                        {"architectures": ["LlamaForCausalLM"], "model_type": "llama",
                                         "vocab_size": 267, "hidden_size": 8, "intermediate_size": 6,
                                         "num_hidden_layers": 1, "num_attention_heads": 2,
                                         "num_key_value_heads": 1, "head_dim": 4, "hidden_act": "silu",
                                         "attention_bias": false, "mlp_bias": false,
                                         "max_position_embeddings": 64, "rms_norm_eps": 1e-5,
                                         "rope_theta": 100000.0, "tie_word_embeddings": false,
                                         "torch_dtype": "float32",
                                         "bos_token_id": 266, "eos_token_id": 266}
                                        """));
        assertThat(json("generation_config.json").path("eos_token_id").asInt()).isEqualTo(266);
    }

    @Test
    void theWeightsHaveTheirNamesAndQueriesAndKeysAreUnwoven() throws IOException {
        convert(TinyLlama.whole());

        WrittenWeights weights = WrittenWeights.read(into.resolve("model.safetensors"));
        assertThat(weights.header().path("__metadata__").path("format").asString()).isEqualTo("pt");
        assertThat(weights.header().size()).isEqualTo(13);
        String layer = "model.layers.0.";
        assertThat(weights.shape(layer + "self_attn.q_proj.weight")).containsExactly(8L, 8L);
        assertThat(weights.floats(layer + "self_attn.q_proj.weight"))
                .isEqualTo(TinyLlama.numbers(TinyLlama.Q_SEED, 8, 8));
        assertThat(weights.floats(layer + "self_attn.k_proj.weight"))
                .isEqualTo(TinyLlama.numbers(TinyLlama.K_SEED, 4, 8));
        assertThat(weights.floats(layer + "self_attn.v_proj.weight"))
                .isEqualTo(TinyLlama.numbers(3000, 4, 8));
        assertThat(weights.floats(layer + "mlp.down_proj.weight"))
                .isEqualTo(TinyLlama.numbers(7000, 8, 6));
        assertThat(weights.floats(layer + "post_attention_layernorm.weight"))
                .isEqualTo(TinyLlama.numbers(200, 8));
        assertThat(weights.floats("lm_head.weight")).isEqualTo(TinyLlama.numbers(9000, 267, 8));
        assertThat(weights.data().capacity())
                .isEqualTo(4 * (2 * 267 * 8 + 3 * 8 + 64 + 32 + 32 + 64 + 3 * 48));
    }

    @Test
    void aQwen2KeepsItsBiasesAndItsRowsAsTheyAre() throws IOException {
        convert(TinyLlama.qwen2());

        assertThat(json("config.json").path("architectures").path(0).asString())
                .isEqualTo("Qwen2ForCausalLM");
        WrittenWeights weights = WrittenWeights.read(into.resolve("model.safetensors"));
        String layer = "model.layers.0.self_attn.";
        assertThat(weights.floats(layer + "q_proj.weight"))
                .isEqualTo(TinyLlama.numbers(TinyLlama.Q_SEED, 8, 8));
        assertThat(weights.floats(layer + "q_proj.bias")).isEqualTo(TinyLlama.numbers(10, 8));
        assertThat(weights.floats(layer + "k_proj.bias")).isEqualTo(TinyLlama.numbers(20, 4));
        assertThat(weights.floats(layer + "v_proj.bias")).isEqualTo(TinyLlama.numbers(30, 4));
    }

    @Test
    void aQwen3KeepsTheNormsOfItsHeads() throws IOException {
        convert(TinyLlama.qwen3());

        assertThat(json("config.json").path("model_type").asString()).isEqualTo("qwen3");
        WrittenWeights weights = WrittenWeights.read(into.resolve("model.safetensors"));
        String layer = "model.layers.0.self_attn.";
        assertThat(weights.floats(layer + "k_proj.weight"))
                .isEqualTo(TinyLlama.numbers(TinyLlama.K_SEED, 4, 8));
        assertThat(weights.floats(layer + "q_norm.weight")).isEqualTo(TinyLlama.numbers(40, 4));
        assertThat(weights.floats(layer + "k_norm.weight")).isEqualTo(TinyLlama.numbers(50, 4));
    }

    @Test
    void withoutAnUnembeddingTheEmbeddingServesForBoth() throws IOException {
        convert(TinyLlama.body(TinyLlama.tokenizer(TinyLlama.sizes("llama"), "smollm")));

        assertThat(json("config.json").path("tie_word_embeddings").asBoolean()).isTrue();
        assertThat(
                        WrittenWeights.read(into.resolve("model.safetensors"))
                                .header()
                                .has("lm_head.weight"))
                .isFalse();
    }

    @Test
    void halvesStayHalves() throws IOException {
        byte[] halves = new byte[2 * TinyLlama.TOKENS * 8];
        Arrays.fill(halves, (byte) 0x3C);
        convert(
                TinyLlama.body(TinyLlama.tokenizer(TinyLlama.sizes("llama"), "smollm"))
                        .tensor("output.weight", 1, List.of(8L, 267L), halves));

        WrittenWeights weights = WrittenWeights.read(into.resolve("model.safetensors"));
        assertThat(weights.dtype("lm_head.weight")).isEqualTo("F16");
        assertThat(weights.bytes("lm_head.weight")).isEqualTo(halves);
        assertThat(weights.dtype("model.norm.weight")).isEqualTo("F32");
        assertThat(json("config.json").path("torch_dtype").asString()).isEqualTo("float32");
    }

    @Test
    void theTokenizerReadsTextAndKnowsItsEnd() throws IOException {
        convert(TinyLlama.whole());

        try (Tokenizer tokenizer = Tokenizer.open(into)) {
            assertThat(tokenizer.encode("hello<|end|>12"))
                    .containsExactly(259, TinyTokenizer.END, '1', '2');
            assertThat(tokenizer.endOfText()).contains(TinyTokenizer.END);
            assertThat(tokenizer.vocabulary()).isEqualTo(267);
        }
        JsonNode config = json("tokenizer_config.json");
        assertThat(config.path("tokenizer_class").asString()).isEqualTo("PreTrainedTokenizerFast");
        assertThat(config.path("chat_template").asString()).isEqualTo("{{ messages }}");
        assertThat(config.path("eos_token").asString()).isEqualTo("<|end|>");
        assertThat(config.path("model_max_length").asInt()).isEqualTo(64);
    }

    @Test
    void theSameFileGivesTheSameFolder() throws IOException {
        convert(TinyLlama.whole());
        Path again = Files.createDirectory(folder.resolve("again"));
        GgufImport.convert(folder.resolve("tiny.gguf"), again, QUIET);

        try (var files = Files.list(into)) {
            for (Path file : files.toList()) {
                assertThat(again.resolve(file.getFileName())).hasSameBinaryContentAs(file);
            }
        }
    }

    @Test
    void progressEndsWithEverythingDone() throws IOException {
        List<String> heard = new ArrayList<>();
        GgufImport.convert(
                TinyLlama.whole().write(folder.resolve("tiny.gguf")),
                into,
                (tensor, done, total) -> heard.add("%s %d/%d".formatted(tensor, done, total)));

        assertThat(heard).hasSize(12).last().isEqualTo("lm_head.weight 18528/18528");
    }

    @Test
    void positionsMayBeStretchedLinearly() throws IOException {
        convert(
                TinyLlama.whole()
                        .text("llama.rope.scaling.type", "linear")
                        .real("llama.rope.scaling.factor", 4));

        assertThat(json("config.json").path("rope_scaling"))
                .isEqualTo(
                        JsonMapper.shared().readTree("{\"rope_type\":\"linear\",\"factor\":4.0}"));
    }

    @Test
    void llama3sPositionsAreRecognisedByTheirFactors() throws IOException {
        // Frequencies 1 and 100000^-1/2: one that stays, and 4.12 turns in 8192, which stays too;
        // with a larger base the second is slowed fully.
        GgufBytes bytes =
                TinyLlama.tensors(
                        TinyLlama.tokenizer(
                                new GgufBytes()
                                        .text("general.architecture", "llama")
                                        .integer("llama.context_length", 64)
                                        .integer("llama.embedding_length", 8)
                                        .integer("llama.feed_forward_length", 6)
                                        .integer("llama.block_count", 1)
                                        .integer("llama.attention.head_count", 2)
                                        .integer("llama.attention.head_count_kv", 1)
                                        .real("llama.attention.layer_norm_rms_epsilon", 1e-5f)
                                        .real("llama.rope.freq_base", 500_000_000),
                                "llama-bpe"));
        convert(bytes.tensor("rope_freqs.weight", 0, List.of(2L), GgufBytes.floats(1, 32)));

        assertThat(json("config.json").path("rope_scaling"))
                .isEqualTo(
                        JsonMapper.shared()
                                .readTree(
                                        """
                                        {"rope_type": "llama3", "factor": 32.0, "low_freq_factor": 1.0,
                                         "high_freq_factor": 4.0,
                                         "original_max_position_embeddings": 8192}
                                        """));
    }

    @Test
    void otherWaysToStretchPositionsAreRefused() {
        refused(
                TinyLlama.whole()
                        .tensor("rope_freqs.weight", 0, List.of(2L), GgufBytes.floats(3, 5)),
                "tiny.gguf scales positions (rope_freqs.weight) in a way that is not Llama 3's;"
                        + " import the model from its Hugging Face folder instead");
        refused(
                TinyLlama.whole().text("llama.rope.scaling.type", "yarn"),
                "tiny.gguf says llama.rope.scaling.type is 'yarn'; none, linear and Llama 3's are"
                        + " known");
    }

    @Test
    void anotherArchitectureIsRefusedByName() {
        refused(
                TinyLlama.tensors(TinyLlama.tokenizer(TinyLlama.sizes("mamba"), "smollm")),
                "tiny.gguf holds a model of the architecture 'mamba'; those that are known are"
                        + " [llama, qwen2, qwen3]");
    }

    @Test
    void anUnknownPreTokenizerIsRefusedByName() {
        refused(
                TinyLlama.tensors(TinyLlama.tokenizer(TinyLlama.sizes("llama"), "tekken")),
                "tiny.gguf says its pre-tokenizer (tokenizer.ggml.pre) is 'tekken'; those that are"
                        + " known are [default, gpt-2, llama-bpe, llama-v3, llama3, qwen2, smollm],"
                        + " import the model from its Hugging Face folder instead");
    }

    @Test
    void aMissingTensorIsRefusedByName() {
        refused(
                TinyLlama.plain(
                        TinyLlama.tokenizer(TinyLlama.sizes("llama"), "smollm"),
                        "token_embd.weight",
                        0,
                        267,
                        8),
                "tiny.gguf has no tensor blk.0.attn_norm.weight, which every model of its kind has; convert the"
                        + " model to GGUF again");
    }

    @Test
    void aTensorOfAnotherShapeIsRefused() {
        refused(
                TinyLlama.plain(
                        TinyLlama.body(TinyLlama.tokenizer(TinyLlama.sizes("llama"), "smollm")),
                        "output.weight",
                        0,
                        8,
                        267),
                "tiny.gguf has tensor output.weight in the shape [8, 267]; its metadata ask for"
                        + " [267, 8], convert the model to GGUF again");
    }

    @Test
    void aTensorThatALlamaDoesNotHaveIsRefused() {
        refused(
                TinyLlama.plain(TinyLlama.whole(), "blk.0.attn_q.bias", 0, 8),
                "tiny.gguf has 1 tensors that a model of this kind does not have, such as"
                        + " blk.0.attn_q.bias; its model cannot be computed here");
    }

    @Test
    void sizesThatDoNotFitAreRefused() {
        refused(
                TinyLlama.whole().integer("llama.expert_count", 8),
                "tiny.gguf says llama.expert_count is 8; it must be 0 in the models that are read");
        refused(
                TinyLlama.whole().integer("llama.rope.dimension_count", 2),
                "tiny.gguf says llama.rope.dimension_count is 2; it must be 4 in the models that are"
                        + " read");
        refused(
                TinyLlama.whole().integer("llama.attention.key_length", 3),
                "tiny.gguf says llama.attention.key_length is 3; it must be even");
    }

    @Test
    void moreTokensThanAreEmbeddedAreRefused() {
        refused(
                TinyLlama.whole().integer("tokenizer.ggml.padding_token_id", 300),
                "tiny.gguf gives a special token the id 300; it has 267 tokens");
    }

    @Test
    void aFolderThatIsNotEmptyIsRefused() throws IOException {
        Files.writeString(into.resolve("notes.txt"), "mine");

        refused(
                TinyLlama.whole(),
                "the folder model is not empty; a model is converted into an empty one");
        assertThat(into.resolve("notes.txt")).hasContent("mine");
    }

    private void convert(GgufBytes bytes) throws IOException {
        GgufImport.convert(bytes.write(folder.resolve("tiny.gguf")), into, QUIET);
    }

    private void refused(GgufBytes bytes, String message) {
        assertThatThrownBy(() -> convert(bytes))
                .isInstanceOf(FormatException.class)
                .hasMessage(message);
    }

    private JsonNode json(String name) throws IOException {
        return JsonMapper.shared().readTree(Files.readAllBytes(into.resolve(name)));
    }
}
