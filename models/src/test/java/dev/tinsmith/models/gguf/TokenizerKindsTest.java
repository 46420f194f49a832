package dev.tinsmith.models.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinsmith.models.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Tiny models, one for each kind of tokenizer, against what llama.cpp answers for them. Made by
/// conformance/python/tokenizer_kinds.py.
class TokenizerKindsTest {
    @TempDir private Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {"default", "gpt-2", "llama-bpe", "qwen2", "smollm", "spm", "spm-no-prefix"})
    void everyTextHasTheIdsThatLlamaCppGivesItAndComesBack(String kind) throws IOException {
        List<Question> questions = Question.read("kinds/" + kind + ".jsonl.gz");
        try (Tokenizer tokenizer = Tokenizer.open(convert(kind))) {
            for (Question question : questions) {
                int[] ids = tokenizer.encode(question.text().orElseThrow());

                assertThat(ids).as("%s", question).isEqualTo(question.idArray());
                assertThat(tokenizer.decode(ids)).isEqualTo(question.decoded());
            }
        }
        assertThat(questions).hasSizeGreaterThan(1_100);
    }

    private Path convert(String kind) throws IOException {
        Path gguf = folder.resolve(kind + ".gguf");
        try (InputStream packed = Question.unpacked("/tokenizer/kinds/" + kind + ".gguf.gz")) {
            Files.copy(packed, gguf);
        }
        Path into = Files.createDirectory(folder.resolve("model"));
        GgufImport.convert(gguf, into, (_, _, _) -> {});
        return into;
    }
}
