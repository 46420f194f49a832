package dev.tinsmith.models.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinsmith.engine.format.FormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class TokenizerFolderTest {
    private static final OptionalInt END = OptionalInt.of(TinyTokenizer.END);

    @TempDir private Path folder;

    @Test
    void theTokensThatBeginAndEndATextStandInTheTemplate() throws IOException {
        write(vocabulary(TinyTokenizer.tokens(), true, true), "gpt-2");

        JsonNode processor = json("tokenizer.json").path("post_processor");
        assertThat(processor.path("type").asString()).isEqualTo("TemplateProcessing");
        assertThat(processor.path("single"))
                .isEqualTo(
                        JsonMapper.shared()
                                .readTree(
                                        """
                                        [{"SpecialToken": {"id": "<|end|>", "type_id": 0}},
                                         {"Sequence": {"id": "A", "type_id": 0}},
                                         {"SpecialToken": {"id": "<|end|>", "type_id": 0}}]
                                        """));
        assertThat(processor.path("pair").size()).isEqualTo(6);
        assertThat(processor.path("special_tokens").path("<|end|>").path("ids").get(0).asInt())
                .isEqualTo(TinyTokenizer.END);
    }

    @Test
    void aTemplateAddsNothingToWhatWeEncode() throws IOException {
        write(vocabulary(TinyTokenizer.tokens(), true, true), "gpt-2");

        try (Tokenizer tokenizer = Tokenizer.open(folder)) {
            assertThat(tokenizer.encode("a")).containsExactly(TinyTokenizer.A);
        }
    }

    @Test
    void withoutSuchTokensThereIsNoTemplate() throws IOException {
        write(vocabulary(TinyTokenizer.tokens(), false, false), "gpt-2");

        assertThat(json("tokenizer.json").has("post_processor")).isFalse();
        assertThat(json("special_tokens_map.json"))
                .isEqualTo(
                        JsonMapper.shared()
                                .readTree(
                                        "{\"bos_token\": \"<|end|>\", \"eos_token\": \"<|end|>\"}"));
    }

    @Test
    void userDefinedTokensAreFoundWholeButAreNotSpecial() throws IOException {
        List<TokenKind> kinds = kinds();
        kinds.set('q', TokenKind.USER_DEFINED);
        write(vocabulary(TinyTokenizer.tokens(), kinds, END), "gpt-2");

        JsonNode added = json("tokenizer.json").path("added_tokens");
        assertThat(added.size()).isEqualTo(2);
        assertThat(added.get(0).path("content").asString()).isEqualTo("q");
        assertThat(added.get(0).path("special").asBoolean()).isFalse();
        assertThat(added.get(1).path("special").asBoolean()).isTrue();
        assertThat(added.get(1).path("normalized").asBoolean()).isFalse();
    }

    @Test
    void unusedTokensAreNoWords() throws IOException {
        List<TokenKind> kinds = kinds();
        kinds.set('q', TokenKind.UNUSED);
        write(vocabulary(TinyTokenizer.tokens(), kinds, END), "gpt-2");

        assertThat(json("tokenizer.json").path("model").path("vocab").has("q")).isFalse();
        assertThat(json("tokenizer.json").path("model").path("vocab").path("r").asInt())
                .isEqualTo('r');
    }

    @Test
    void aTokenThatIsThereTwiceIsRefused() {
        List<String> tokens = new ArrayList<>(TinyTokenizer.tokens());
        tokens.set('q', "r");

        assertThatThrownBy(() -> write(vocabulary(tokens, false, false), "gpt-2"))
                .isInstanceOf(FormatException.class)
                .hasMessage(
                        "tiny.gguf has the token 'r' twice, as 113 and 114; convert the model again");
    }

    @Test
    void tokensWithoutKindsAreRefused() {
        assertThatThrownBy(() -> vocabulary(TinyTokenizer.tokens(), List.of(), END))
                .isInstanceOf(FormatException.class)
                .hasMessage(
                        "tiny.gguf has 267 tokens and 0 token types; there must be one type a token");
    }

    @Test
    void aMergeOfWhatIsNoTokenIsRefused() {
        Vocabulary vocabulary = vocabulary(TinyTokenizer.tokens(), false, false);
        for (String merge : List.of("x y", "h q", "nothing", "")) {
            ByteLevelBpe model = new ByteLevelBpe("gpt-2", List.of(merge));
            assertThatThrownBy(() -> model.definition(vocabulary))
                    .isInstanceOf(FormatException.class)
                    .hasMessageStartingWith("tiny.gguf merges '%s', which".formatted(merge));
        }
    }

    @Test
    void aSentencePieceWithoutAScoreIsRefused() {
        SentencePieceBpe model = new SentencePieceBpe(List.of(1.0), true);
        assertThatThrownBy(() -> model.definition(vocabulary(TinyTokenizer.tokens(), false, false)))
                .isInstanceOf(FormatException.class)
                .hasMessage(
                        "tiny.gguf has 267 tokens and 1 scores; there must be one score a token");
    }

    private void write(Vocabulary vocabulary, String cut) throws IOException {
        TokenizerFolder.write(
                folder,
                vocabulary,
                new ByteLevelBpe(cut, TinyTokenizer.merges()),
                Optional.empty(),
                64);
    }

    private static Vocabulary vocabulary(List<String> tokens, boolean addBos, boolean addEos) {
        OptionalInt none = OptionalInt.empty();
        return new Vocabulary("tiny.gguf", tokens, kinds(), END, END, none, none, addBos, addEos);
    }

    private static Vocabulary vocabulary(
            List<String> tokens, List<TokenKind> kinds, OptionalInt end) {
        OptionalInt none = OptionalInt.empty();
        return new Vocabulary("tiny.gguf", tokens, kinds, end, end, none, none, false, false);
    }

    private static List<TokenKind> kinds() {
        List<TokenKind> kinds =
                new ArrayList<>(Collections.nCopies(TinyTokenizer.END + 1, TokenKind.NORMAL));
        kinds.set(TinyTokenizer.END, TokenKind.CONTROL);
        return kinds;
    }

    private JsonNode json(String name) throws IOException {
        return JsonMapper.shared().readTree(Files.readAllBytes(folder.resolve(name)));
    }
}
