package dev.tinsmith.conformance.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What the client's `RestClient` and the commands that use it ask for.
class ManagementTest {
    @RegisterExtension static final Stage STAGE = Stage.tiny("management");

    @Test
    void aTokenSaysWhoIsAsking() {
        Verdict verdict = STAGE.play("who_is_asking");
        assertThat(verdict.text("user")).isEqualTo("tml:organization_user:admin");
        assertThat(verdict.text("organization")).isEqualTo("tml:organization:tinsmith");
        assertThat(verdict.text("email")).isEqualTo("admin@localhost");
    }

    @Test
    void aKeyThatIsTypedInIsCheckedAndKept() {
        Verdict verdict = STAGE.play("in_and_out");
        assertThat(verdict.text("wrong")).contains("does not know that API key");
        assertThat(verdict.text("login")).contains("Logged in as admin@localhost (tinsmith)");
        assertThat(verdict.text("status")).contains("accessible: yes");
        assertThat(verdict.text("models")).contains("tiny/untied");
        assertThat(verdict.text("logout")).contains("Removed credential 'admin'");
    }

    @Test
    void aClientWhoseTokenIsNoGoodGetsAnother() {
        Verdict verdict = STAGE.play("a_stale_token");
        assertThat(verdict.is("same")).isTrue();
        assertThat(verdict.is("another")).isTrue();
        assertThat(STAGE.play("a_token_as_the_key").texts("models")).contains("tiny/untied");
    }

    @Test
    void sessionsAreListedFoundAndLeftWhereTheyAre() {
        Verdict verdict = STAGE.play("sessions_are_found");
        for (String fact :
                new String[] {
                    "runs",
                    "listed",
                    "accessible",
                    "by_metadata",
                    "active",
                    "finished",
                    "owner",
                    "accessible_owner",
                    "paged"
                }) {
            assertThat(verdict.is(fact)).as(fact).isTrue();
        }
        assertThat(verdict.texts("nobody")).isEmpty();
        assertThat(verdict.number("samplers")).isEqualTo(1);
        assertThat(verdict.number("checkpoints")).isEqualTo(1);
        assertThat(verdict.number("bytes")).isPositive();
        assertThat(verdict.text("project")).isEqualTo("default");
        assertThat(verdict.text("status")).isEqualTo("client_finished");
        assertThat(verdict.text("detail")).isEqualTo("it was cut");
        assertThat(verdict.text("moved")).contains("NotFoundError", "elsewhere", "default");
        assertThat(verdict.text("unknown")).contains("NotFoundError", "nobody");
    }

    @Test
    void runsComeInPages() {
        Verdict verdict = STAGE.play("runs_in_pages");
        for (String fact : new String[] {"different", "totals", "by_path", "all_pages"}) {
            assertThat(verdict.is(fact)).as(fact).isTrue();
        }
        assertThat(verdict.number("past")).isZero();
        assertThat(verdict.number("weights")).isEqualTo(8);
        assertThat(verdict.text("project")).contains("NotFoundError", "elsewhere");
    }

    @Test
    void aCheckpointIsPublishedAndLivesOnInACopy() {
        Verdict verdict = STAGE.play("published_and_copied");
        assertThat(verdict.texts("public")).containsExactly("false", "true", "false", "true");
        assertThat(verdict.text("copy")).matches("tinker://[0-9a-f-]{36}:copy:0/weights/kept");
        assertThat(verdict.number("hours")).isBetween(1.9, 2.0);
        assertThat(verdict.number("resumed")).isLessThan(Tolerances.LOGPROB);
        assertThat(verdict.number("sampled")).isLessThan(Tolerances.LOGPROB);
        assertThat(verdict.text("elsewhere")).contains("NotFoundError", "elsewhere", "default");
        assertThat(verdict.text("gone")).contains("NotFoundError", "no checkpoint");
        assertThat(verdict.text("twice")).contains("NotFoundError");
    }
}
