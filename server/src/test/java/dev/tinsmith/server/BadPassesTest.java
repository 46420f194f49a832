package dev.tinsmith.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.TextFormat;
import dev.tinsmith.protocol.codec.Wire;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Each of `bad-passes.txt` is refused with the words that stand there, and its run goes on.
class BadPassesTest {
    private static final String GOOD =
            "tokens(3,4) target_tokens(longs(4,5)) input(weights, floats(1,1))";
    private static final String POLICY =
            "tokens(3,4) target_tokens(longs(4,5)) input(logprobs, floats(-1,-1)) input(advantages, floats(1,1))";

    @TempDir static Path data;

    private static Running running;
    private static Words words;

    @BeforeAll
    static void start() {
        running = Running.in(data);
        words = new Words(running);
    }

    @AfterAll
    static void close() {
        running.close();
    }

    static List<Words.Refused> cases() {
        return Words.refused("bad-passes.txt");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void itIsRefusedAndTheRunGoesOn(Words.Refused bad) throws TextFormat.ParseException {
        words.renew("$run");
        Visit.Told told = running.send(written(words.fill(bad.asked())));
        Answers.assertSound(told, bad.asked(), data);
        assertThat(told.status()).as(told.text()).isEqualTo(400);
        assertThat(told.field("detail")).contains(bad.answer().split(" \\| "));
        boolean counted = bad.asked().contains("$run") && bad.asked().contains("seq_id: 1 ");
        Answers.assertPassed(
                running.visit.result(running.pass(words.run(), counted ? 2 : 1, 3, 4)));
    }

    @Test
    void aPassThatIsCutOrStirredIsAnsweredAndHoldsUpNoOtherRun() throws TextFormat.ParseException {
        Random random = new Random(11);
        for (Words.Refused bad : cases()) {
            byte[] pass = written(words.fill(bad.asked()));
            for (int i = 0; i < 10; i++) {
                byte[] stirred = pass.clone();
                for (int times = random.nextInt(4); times > 0; times--) {
                    stirred[random.nextInt(stirred.length)] = (byte) random.nextInt(256);
                }
                Answers.assertSound(running.send(stirred), bad.asked(), data);
            }
        }
        words.renew("$run");
        Answers.assertPassed(running.visit.result(running.pass(words.run(), 1, 3, 4)));
    }

    private static byte[] written(String pass) throws TextFormat.ParseException {
        String text = pass.replace("GOOD", GOOD).replace("POLICY", POLICY);
        text = text.replace("LONG", "tokens(" + many() + ") target_tokens(longs(" + many() + "))");
        text =
                replaced(
                        text,
                        "tokens\\(([-0-9, ]*)\\)",
                        found ->
                                "model_input { encoded_text { tokens: ints(%s) } }"
                                        .formatted(found.group(1)));
        text = numbers(text, "ints", 4, (to, number) -> to.putInt(Integer.parseInt(number)));
        text =
                replaced(
                        text,
                        "target_tokens\\((longs|floats)\\(([^)]*)\\)\\)",
                        found ->
                                "input(target_tokens, %s(%s))"
                                        .formatted(found.group(1), found.group(2)));
        text =
                replaced(
                        text,
                        "input\\((\\w+), (longs|floats)\\(([^)]*)\\)\\)",
                        found ->
                                "loss_fn_inputs { key: \"%s\" value { dense: %s(%s) dtype: %s } }"
                                        .formatted(
                                                found.group(1),
                                                found.group(2),
                                                found.group(3),
                                                found.group(2).equals("longs")
                                                        ? "INT64"
                                                        : "FLOAT32"));
        text =
                replaced(
                        text,
                        "sparse\\((\\d+), (\\d+), (longs\\([^)]*\\)), (longs\\([^)]*\\)), (longs\\([^)]*\\))\\)",
                        found ->
                                "loss_fn_inputs { key: \"target_tokens\" value { sparse_csr { values: %s crow_indices: %s col_indices: %s } dtype: INT64 shape: [%s, %s] } }"
                                        .formatted(
                                                found.group(3),
                                                found.group(4),
                                                found.group(5),
                                                found.group(1),
                                                found.group(2)));
        text = numbers(text, "longs", 8, (to, number) -> to.putLong(Long.parseLong(number)));
        text = numbers(text, "floats", 4, (to, number) -> to.putFloat(real(number)));
        return TextFormat.parse(text, Wire.ForwardBackwardRequest.class).toByteArray();
    }

    private static String many() {
        return IntStream.rangeClosed(0, Running.CONTEXT)
                .mapToObj(Integer::toString)
                .collect(Collectors.joining(","));
    }

    private static float real(String number) {
        return switch (number) {
            case "nan" -> Float.NaN;
            case "inf" -> Float.POSITIVE_INFINITY;
            case "-inf" -> Float.NEGATIVE_INFINITY;
            case String digits -> Float.parseFloat(digits);
        };
    }

    /// The bytes of each `kind(…)` in `text`, as protobuf's text format writes bytes.
    private static String numbers(
            String text, String kind, int bytes, BiConsumer<ByteBuffer, String> put) {
        return replaced(
                text,
                kind + "\\(([^)]*)\\)",
                found -> {
                    String[] each =
                            found.group(1).isBlank() ? new String[0] : found.group(1).split(",");
                    ByteBuffer to =
                            ByteBuffer.allocate(bytes * each.length).order(ByteOrder.LITTLE_ENDIAN);
                    for (String number : each) {
                        put.accept(to, number.strip());
                    }
                    return "\"%s\"".formatted(TextFormat.escapeBytes(to.array()));
                });
    }

    private static String replaced(String text, String pattern, Function<MatchResult, String> by) {
        return Pattern.compile(pattern)
                .matcher(text)
                .replaceAll(found -> Matcher.quoteReplacement(by.apply(found)));
    }
}
