package dev.tinsmith.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/// What a written request says `$word` for: a session, a run, a checkpoint of the server under
/// test. `"$seq"` and `"$number"` become numbers: the first of a run, one never used before.
final class Words {
    private static final String NUMBER = "\"$number\"";

    private final Running running;
    private final String session;
    private final String sampler;
    private final String saved;
    private final AtomicInteger numbers = new AtomicInteger(1000);
    private String run;

    Words(Running running) {
        this.running = running;
        this.session = running.session();
        this.sampler = running.sampler(session, 0);
        this.run = running.run(session);
        this.saved = run;
        running.visit.result(running.save("save_weights", run, 1, "kept"));
        running.visit.result(running.save("save_weights_for_sampler", run, 2, "kept"));
        running.visit.result(running.save("save_weights_external", run, 3, "kept"));
    }

    /// The lines of a file beside the tests, without comments and empty ones.
    static List<String> lines(String file) {
        try (InputStream in = Objects.requireNonNull(Words.class.getResourceAsStream(file), file)) {
            return new String(in.readAllBytes(), UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .toList();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// A request, and how it must be refused.
    record Refused(String asked, String answer) {
        @Override
        public String toString() {
            return asked;
        }
    }

    /// The pairs of lines of a file beside the tests.
    static List<Refused> refused(String file) {
        List<String> lines = lines(file);
        List<Refused> pairs = new ArrayList<>();
        for (int i = 0; i < lines.size(); i += 2) {
            pairs.add(new Refused(lines.get(i), lines.get(i + 1).strip()));
        }
        return pairs;
    }

    /// A fresh run for a request that speaks of one.
    void renew(String request) {
        if (request.contains("$run")) {
            Visit.Told made =
                    running.visit.post(
                            "/api/v1/create_model",
                            "{\"session_id\": \"%s\", \"model_seq_id\": %d, \"base_model\": \"%s\", \"lora_config\": {\"rank\": 8}}"
                                    .formatted(session, numbers.incrementAndGet(), Running.BASE));
            run = running.visit.result(made).field("model_id");
        }
    }

    /// The run of the request at hand.
    String run() {
        return run;
    }

    /// `text`, its words filled in.
    String fill(String text) {
        String filled =
                text.replace("$session", session)
                        .replace("$sampler", sampler)
                        .replace("$run", run)
                        .replace("$saved", saved)
                        .replace("$base", Running.BASE)
                        .replace("\"$seq\"", "1");
        while (filled.contains(NUMBER)) {
            filled = filled.replaceFirst(Pattern.quote(NUMBER), "" + numbers.incrementAndGet());
        }
        assertThat(filled).doesNotContain("$");
        return filled;
    }
}
