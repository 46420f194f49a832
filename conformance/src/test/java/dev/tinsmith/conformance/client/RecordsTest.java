package dev.tinsmith.conformance.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What the client's `AdminClient` and the commands that use it ask for, and the traces.
class RecordsTest {
    @RegisterExtension static final Stage STAGE = Stage.tiny("records");

    @Test
    void theUseThatIsToldIsTheUseThatWasMade() {
        Verdict verdict = STAGE.play("usage_adds_up");
        assertThat(verdict.number("training")).isEqualTo(120);
        assertThat(verdict.number("sampling_prefill")).isEqualTo(9 + 10);
        assertThat(verdict.number("sampling_sample")).isEqualTo(15);
        assertThat(verdict.number("checkpoint")).isEqualTo(2);
        assertThat(verdict.number("storage")).isPositive().isLessThan(0.01);
        for (String fact : new String[] {"rows", "csv", "count", "bytes"}) {
            assertThat(verdict.is(fact)).as(fact).isTrue();
        }
        assertThat(verdict.text("half_hour")).contains("BadRequestError", "starting_on");
    }

    @Test
    void theAuditLogTellsWhoDidWhat() {
        Verdict verdict = STAGE.play("the_audit_log");
        assertThat(verdict.texts("events"))
                .containsExactly(
                        "checkpoint_created",
                        "checkpoint_ttl_set",
                        "checkpoint_published",
                        "checkpoint_read",
                        "checkpoint_created",
                        "checkpoint_read",
                        "checkpoint_deleted");
        assertThat(verdict.texts("purposes")).containsExactly("training", "sampling");
        assertThat(verdict.texts("copy")).containsExactly("checkpoint_copied");
        for (String fact : new String[] {"checkpoints", "finished", "actor"}) {
            assertThat(verdict.is(fact)).as(fact).isTrue();
        }
        assertThat(verdict.number("yesterday")).isZero();
        assertThat(verdict.number("teams")).isZero();
    }

    @Test
    void perfettosOwnSchemaReadsTheTraceOfASession() {
        Verdict verdict = STAGE.play("a_trace");
        assertThat(verdict.number("unfinished")).isZero();
        assertThat(verdict.number("unknown")).isZero();
        assertThat(verdict.is("same")).isTrue();
        assertThat(verdict.is("printed")).isTrue();
        assertThat(verdict.is("process")).isTrue();
        assertThat(verdict.counts("slices"))
                .containsEntry("train:0 pass forward_backward", 3)
                .containsEntry("train:0 queue forward_backward", 3)
                .containsEntry("train:0 step optim_step", 3)
                .containsEntry("train:0 save save", 1)
                .containsEntry("train:0 load open", 1)
                .containsEntry("sample:0 sampling sample", 8)
                .containsEntry("sample:0 queue sample", 8);
        assertThat(verdict.text("nobody")).contains("NotFoundError", "nobody");
    }
}
