package dev.tinsmith.models.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinsmith.engine.format.FormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerTest {
    @TempDir private Path folder;

    @Test
    void textBecomesIdsAndIdsBecomeText() throws IOException {
        try (Tokenizer tokenizer = Tokenizer.open(TinyTokenizer.write(folder))) {
            int[] ids = tokenizer.encode("hello a");

            assertThat(ids).containsExactly(259, TinyTokenizer.SPACE, TinyTokenizer.A);
            assertThat(tokenizer.decode(ids)).isEqualTo("hello a");
        }
    }

    @Test
    void everyPlaneOfUnicodeSurvivesTheWayThereAndBack() throws IOException {
        String text = "é 世界 👩‍👩‍👧 \u0000 \u0007 \t\r\n ٣ \uD835\uDD38 \u00a0";
        try (Tokenizer tokenizer = Tokenizer.open(TinyTokenizer.write(folder))) {
            assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
        }
    }

    @Test
    void aSpecialTokenInTheTextIsOneIdAndIsSpelledOutAgain() throws IOException {
        try (Tokenizer tokenizer = Tokenizer.open(TinyTokenizer.write(folder))) {
            int[] ids = tokenizer.encode("a<|end|>");

            assertThat(ids).containsExactly(TinyTokenizer.A, TinyTokenizer.END);
            assertThat(tokenizer.decode(ids)).isEqualTo("a<|end|>");
        }
    }

    @Test
    void aLongTextIsNotCut() throws IOException {
        try (Tokenizer tokenizer = Tokenizer.open(TinyTokenizer.write(folder))) {
            assertThat(tokenizer.encode("a ".repeat(20_000))).hasSize(40_000);
            assertThat(tokenizer.encode("")).isEmpty();
            assertThat(tokenizer.decode(new int[0])).isEmpty();
        }
    }

    @Test
    void halfASurrogatePairIsReadAsTheReplacementCharacter() throws IOException {
        try (Tokenizer tokenizer = Tokenizer.open(TinyTokenizer.write(folder))) {
            assertThat(tokenizer.decode(tokenizer.encode("a\uD83Db"))).isEqualTo("a\uFFFDb");
        }
    }

    @Test
    void idsThatMeanNothingGiveNothing() throws IOException {
        try (Tokenizer tokenizer = Tokenizer.open(TinyTokenizer.write(folder))) {
            assertThat(tokenizer.decode(new int[] {TinyTokenizer.A, 9_999_999, -1})).isEqualTo("a");
        }
    }

    @Test
    void theVocabularyCountsTheAddedTokens() throws IOException {
        try (Tokenizer tokenizer = Tokenizer.open(TinyTokenizer.write(folder))) {
            assertThat(tokenizer.vocabulary()).isEqualTo(TinyTokenizer.END + 1);
        }
    }

    @Test
    void manyThreadsMayAskAtOnce() throws Exception {
        try (Tokenizer tokenizer = Tokenizer.open(TinyTokenizer.write(folder));
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<String>> questions =
                    IntStream.range(0, 200)
                            .mapToObj(i -> "hello stop é " + i)
                            .<Callable<String>>map(
                                    text -> () -> tokenizer.decode(tokenizer.encode(text)))
                            .toList();

            assertThat(threads.invokeAll(questions).stream().map(TokenizerTest::answer))
                    .isEqualTo(IntStream.range(0, 200).mapToObj(i -> "hello stop é " + i).toList());
        }
    }

    @Test
    void aClosedTokenizerSaysSo() throws IOException {
        Tokenizer tokenizer = Tokenizer.open(TinyTokenizer.write(folder));
        tokenizer.close();
        tokenizer.close();

        assertThatIllegalStateException().isThrownBy(() -> tokenizer.encode("a"));
    }

    @Test
    void whatEndsATextIsReadFromTheGenerationConfigurationFirst() throws IOException {
        Files.writeString(folder.resolve("config.json"), "{\"eos_token_id\": 7}");
        assertThat(Tokenizer.endOfTextIds(folder)).containsExactly(7);

        Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": [9, 2]}");
        assertThat(Tokenizer.endOfTextIds(folder)).containsExactly(9, 2);

        Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": null}");
        assertThat(Tokenizer.endOfTextIds(folder)).containsExactly(7);
    }

    @Test
    void aFolderThatDoesNotSayWhatEndsATextHasNoEnd() throws IOException {
        try (Tokenizer tokenizer = Tokenizer.open(TinyTokenizer.write(folder))) {
            assertThat(tokenizer.endOfText()).isEmpty();
        }
        Files.writeString(folder.resolve("config.json"), "{\"eos_token_id\": 3}");
        try (Tokenizer tokenizer = Tokenizer.open(folder)) {
            assertThat(tokenizer.endOfText()).contains(3);
        }
    }

    @Test
    void anEndThatIsNoTokenIdIsRefused() throws IOException {
        Files.writeString(folder.resolve("config.json"), "{\"eos_token_id\": \"</s>\"}");

        assertThatThrownBy(() -> Tokenizer.endOfTextIds(folder))
                .isInstanceOf(FormatException.class)
                .hasMessage(
                        "config.json says eos_token_id is \"</s>\"; it must be a token id or a list"
                                + " of them");
    }

    @Test
    void aFolderWithoutATokenizerIsRefusedByName() {
        assertThatThrownBy(() -> Tokenizer.open(folder))
                .isInstanceOf(FormatException.class)
                .hasMessage("the model folder has no tokenizer.json; a model folder needs one");
    }

    @Test
    void aTokenizerThatIsNotJsonIsRefused() throws IOException {
        Files.writeString(folder.resolve("tokenizer.json"), "{\"model\": ");

        assertThatThrownBy(() -> Tokenizer.open(folder))
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith("tokenizer.json is not JSON (")
                .hasMessageNotContaining(folder.toString());
    }

    @Test
    void aTokenizerOfAnUnknownKindIsRefused() throws IOException {
        Files.writeString(
                folder.resolve("tokenizer.json"),
                "{\"model\": {\"type\": \"Oracle\", \"vocab\": {\"a\": 0}}}");

        assertThatThrownBy(() -> Tokenizer.open(folder))
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith("tokenizer.json is not a tokenizer that can be read (")
                .hasMessageNotContaining("\n")
                .hasMessageNotContaining(folder.toString());
    }

    @Test
    void aTokenizerWithoutAVocabularyIsRefused() throws IOException {
        Files.writeString(folder.resolve("tokenizer.json"), "{\"model\": {\"type\": \"BPE\"}}");

        assertThatThrownBy(() -> Tokenizer.open(folder))
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith("tokenizer.json has no model.vocab");
    }

    private static String answer(Future<String> future) {
        try {
            return future.get();
        } catch (InterruptedException | ExecutionException failure) {
            throw new AssertionError(failure);
        }
    }
}
