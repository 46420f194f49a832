package dev.tinsmith.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every field of every request, wrong in every way: the answer names it, comes at once, and the
/// run goes on.
class BadFieldsTest {
    /// Wrong in these, a request is not that operation of that run, and its number stays free.
    private static final Set<String> ADDRESS = Set.of("model_id", "seq_id");

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

    static List<String> requests() {
        return Words.lines("good-requests.txt");
    }

    @ParameterizedTest
    @MethodSource("requests")
    void aWrongFieldIsNamedAndTheRunGoesOn(String request) {
        String[] parts = request.split(" ", 3);
        String method = parts[0];
        String address = parts[1];
        String body = parts[2];
        for (Mutants.Mutant mutant : Mutants.of(body)) {
            words.renew(request);
            String what = "%s %s %s".formatted(method, address, mutant.place());
            Visit.Told told =
                    running.visit.send(
                            method,
                            "/api/v1/" + words.fill(address),
                            words.fill(mutant.body()).getBytes(UTF_8));
            Answers.assertSound(told, what, data);
            if (told.status() >= 400) {
                assertThat(told.text())
                        .as(what)
                        .satisfiesAnyOf(
                                text -> assertThat(text).contains("there is no "),
                                text -> assertThat(mutant.names()).anyMatch(text::contains));
            }
            if (request.contains("$run")) {
                int next = ADDRESS.containsAll(mutant.names()) || !body.contains("$seq") ? 1 : 2;
                Answers.assertPassed(running.visit.result(running.pass(words.run(), next, 3, 4)));
            }
        }
    }
}
