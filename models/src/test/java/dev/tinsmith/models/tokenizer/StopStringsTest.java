package dev.tinsmith.models.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tinsmith.engine.SamplingSpec.StopText;
import dev.tinsmith.engine.Tokens;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StopStringsTest {
    private static final int NEVER = -1;

    @TempDir private Path folder;
    private Tokenizer tokenizer;

    @BeforeEach
    void open() throws IOException {
        tokenizer = Tokenizer.open(TinyTokenizer.write(folder));
    }

    @AfterEach
    void close() {
        tokenizer.close();
    }

    @Test
    void aSampleEndsWithTheTokenThatCompletesTheString() {
        StopText stop = StopStrings.of(tokenizer, List.of("lo a"));

        assertThat(end(stop, tokenizer.encode("hello abc"))).isEqualTo(3);
        assertThat(end(stop, tokenizer.encode("hello bc"))).isEqualTo(NEVER);
    }

    @Test
    void aStringInTheMiddleOfATokenIsSeen() {
        assertThat(end(StopStrings.of(tokenizer, List.of("ell")), tokenizer.encode("a hello")))
                .isEqualTo(3);
    }

    @Test
    void aCharacterOfFourBytesIsCompleteWithItsLastByte() {
        StopText stop = StopStrings.of(tokenizer, List.of("🌍"));

        assertThat(end(stop, bytes("ab🌍c"))).isEqualTo(6);
    }

    @Test
    void aCharacterBeforeTheTailThatIsCutDoesNotHideTheString() {
        StopText stop = StopStrings.of(tokenizer, List.of("é"));

        for (String before : List.of("🌍", "世", "é", "a", "🌍世é")) {
            assertThat(end(stop, bytes(before.replace("é", "ê") + "é")))
                    .isEqualTo(bytes(before + "é").length);
        }
    }

    @Test
    void anyOfSeveralStringsEndsTheSample() {
        StopText stop = StopStrings.of(tokenizer, List.of("zzz", "\n\n", "<|end|>"));

        assertThat(end(stop, bytes("a\n\nb"))).isEqualTo(3);
        assertThat(end(stop, new int[] {TinyTokenizer.A, TinyTokenizer.END})).isEqualTo(2);
    }

    @Test
    void idsOutsideTheVocabularyDoNotPushTheStringOutOfSight() {
        int[] ids = new int[40];
        Arrays.fill(ids, 1_000_000);
        ids[0] = 'h';
        ids[39] = 'i';

        assertThat(end(StopStrings.of(tokenizer, List.of("hi")), ids)).isEqualTo(40);
    }

    @Test
    void noStringsNeverStop() {
        assertThat(StopStrings.of(tokenizer, List.of())).isSameAs(StopText.NONE);
        assertThat(StopStrings.of(tokenizer, List.of("a")).endsAt(Tokens.of())).isFalse();
    }

    @Test
    void anEmptyStringIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StopStrings.of(tokenizer, List.of("a", "")))
                .withMessage("stop holds an empty string, which every text contains; leave it out");
    }

    @Test
    void aStringThatStandsForNoTextIsRefused() {
        for (String broken : List.of("a\uFFFD", "\uD83D")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> StopStrings.of(tokenizer, List.of(broken)))
                    .withMessageStartingWith("stop holds a string with U+FFFD");
        }
    }

    /// Against the slow way: decode everything after each token, and look.
    @Test
    void randomTokensEndWhereTheWholeTextSaysSo() {
        Random random = new Random(20261124);
        int ended = 0;
        for (int round = 0; round < 3_000; round++) {
            int[] ids = random.nextBoolean() ? wild(random) : plausible(random);
            List<String> strings = strings(random);
            int expected = slowly(strings, ids);

            assertThat(end(StopStrings.of(tokenizer, strings), ids))
                    .as("%s in %s", strings, Arrays.toString(ids))
                    .isEqualTo(expected);
            ended += expected == NEVER ? 0 : 1;
        }
        assertThat(ended).isBetween(500, 2_800);
    }

    private int slowly(List<String> strings, int[] ids) {
        for (int length = 1; length <= ids.length; length++) {
            String text = tokenizer.decode(Arrays.copyOf(ids, length));
            if (strings.stream().anyMatch(text::contains)) {
                return length;
            }
        }
        return NEVER;
    }

    /// The number of tokens after which the sample ends.
    private static int end(StopText stop, int[] ids) {
        return IntStream.rangeClosed(1, ids.length)
                .filter(length -> stop.endsAt(Tokens.of(Arrays.copyOf(ids, length))))
                .findFirst()
                .orElse(NEVER);
    }

    private static int[] bytes(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return IntStream.range(0, bytes.length).map(i -> bytes[i] & 0xFF).toArray();
    }

    /// Any ids at all, most of them bytes that make no character.
    private static int[] wild(Random random) {
        return random.ints(20, 0, TinyTokenizer.END + 3).toArray();
    }

    /// Tokens that are mostly text, with some characters broken.
    private static int[] plausible(Random random) {
        String letters = "é世🌍ab\n hellostop";
        int[] points = letters.codePoints().toArray();
        StringBuilder text = new StringBuilder();
        random.ints(16, 0, points.length).forEach(i -> text.appendCodePoint(points[i]));
        int[] ids = bytes(text.toString());
        ids[random.nextInt(ids.length)] = random.nextInt(TinyTokenizer.END);
        return ids;
    }

    private static List<String> strings(Random random) {
        List<String> choices =
                List.of("é", "世", "🌍", "ab", "hell", "stop", "\n", "lo", "é世", "  ");
        return random.ints(1 + random.nextInt(3), 0, choices.size())
                .mapToObj(choices::get)
                .toList();
    }
}
