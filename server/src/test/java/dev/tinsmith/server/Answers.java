package dev.tinsmith.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;

/// What must hold of every answer, however wrong the question.
final class Answers {
    /// By when a wrong request has its answer.
    static final Duration AT_ONCE = Duration.ofSeconds(1);

    private Answers() {}

    /// No failure of ours, nothing that makes clients try again, and a refusal in one whole
    /// sentence that tells nothing of the inside.
    ///
    /// @param asked for the message of a failed test
    /// @param data a path that nobody may hear of
    static void assertSound(Visit.Told told, String asked, Path data) {
        assertThat(told.status()).as("%s: %s", asked, told.text()).isBetween(200, 499);
        assertThat(told.status()).as(asked).isNotIn(408, 409, 429);
        assertThat(told.took()).as(asked).isLessThan(AT_ONCE);
        if (told.status() >= 400) {
            assertThat(told.text()).as(asked).startsWith("{\"detail\":\"");
            assertThat(told.header("content-length"))
                    .as(asked)
                    .isEqualTo(Integer.toString(told.text().getBytes(UTF_8).length));
            assertDiscreet(told.text(), asked, data);
        }
    }

    static void assertDiscreet(String text, String asked, Path data) {
        assertThat(text)
                .as(asked)
                .hasSizeLessThan(2000)
                .doesNotContain("Exception", "dev.tinsmith", "jackson", data.toString());
    }

    /// A result, and not a failure.
    static void assertPassed(Visit.Told told) {
        assertThat(told.status()).as(told.text()).isEqualTo(200);
        assertThat(told.text()).doesNotContain("\"error\"", "try_again");
    }
}
