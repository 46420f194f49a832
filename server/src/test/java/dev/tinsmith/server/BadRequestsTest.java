package dev.tinsmith.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Each of `bad-requests.txt` is refused with the words that stand there, and its run goes on.
class BadRequestsTest {
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

    /// Asked is `METHOD ADDRESS BODY`; the answer is `STATUS words | more words`.
    static List<Words.Refused> cases() {
        return Words.refused("bad-requests.txt");
    }

    @Test
    void thereAreManyOfThem() {
        assertThat(cases()).hasSizeGreaterThanOrEqualTo(150).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void itIsRefusedAndTheRunGoesOn(Words.Refused bad) {
        words.renew(bad.asked());
        String[] parts = (words.fill(bad.asked()) + " ").split(" ", 3);
        Visit.Told told =
                running.visit.send(
                        parts[0], "/api/v1/" + parts[1], parts[2].strip().getBytes(UTF_8));
        Answers.assertSound(told, bad.asked(), data);
        String[] answer = words.fill(bad.answer()).split(" ", 2);
        assertThat(told.status()).as(told.text()).isEqualTo(Integer.parseInt(answer[0]));
        assertThat(told.field("detail")).contains(answer[1].split(" \\| "));
        if (bad.asked().contains("$run")) {
            int next = bad.asked().contains("\"$seq\"") ? 2 : 1;
            Answers.assertPassed(running.visit.result(running.pass(words.run(), next, 3, 4)));
        }
    }
}
