package dev.tinsmith.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
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

    /// @param request `METHOD ADDRESS BODY`
    /// @param answer `STATUS words | more words`
    record Case(String request, String answer) {
        @Override
        public String toString() {
            return request;
        }
    }

    static List<Case> cases() {
        List<String> lines = Words.lines("bad-requests.txt");
        List<Case> cases = new ArrayList<>();
        for (int i = 0; i < lines.size(); i += 2) {
            cases.add(new Case(lines.get(i), lines.get(i + 1).strip()));
        }
        return cases;
    }

    @Test
    void thereAreManyOfThem() {
        assertThat(cases()).hasSizeGreaterThanOrEqualTo(150).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void itIsRefusedAndTheRunGoesOn(Case bad) {
        words.renew(bad.request);
        String[] parts = (words.fill(bad.request) + " ").split(" ", 3);
        Visit.Told told =
                running.visit.send(
                        parts[0], "/api/v1/" + parts[1], parts[2].strip().getBytes(UTF_8));
        Answers.assertSound(told, bad.request, data);
        String[] answer = words.fill(bad.answer).split(" ", 2);
        assertThat(told.status()).as(told.text()).isEqualTo(Integer.parseInt(answer[0]));
        assertThat(told.field("detail")).contains(answer[1].split(" \\| "));
        if (bad.request.contains("$run")) {
            int next = bad.request.contains("\"$seq\"") ? 2 : 1;
            Answers.assertPassed(running.visit.result(running.pass(words.run(), next, 3, 4)));
        }
    }
}
