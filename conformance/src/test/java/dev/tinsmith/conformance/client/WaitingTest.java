package dev.tinsmith.conformance.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Pressure, copies of clients and second thoughts, as servers usually ask for them.
class WaitingTest {
    @RegisterExtension static final Stage STAGE = Stage.tiny("waiting");

    @Test
    void theClientIsToldHowToBehave() {
        Verdict verdict = STAGE.play("transport");
        assertThat(verdict.is("pyqwest")).isTrue();
        assertThat(verdict.is("zstd")).isTrue();
        assertThat(verdict.is("session")).isFalse();
        assertThat(verdict.is("join")).isTrue();
        assertThat(verdict.is("cancel")).isTrue();
        assertThat(verdict.number("most")).isEqualTo(256);
        assertThat(verdict.number("tokens")).isEqualTo(3);
    }

    @Test
    void twoThousandSamplesAtOnceAreAllAnsweredAndHeartbeatsDoNotWait() {
        assertAllAnswered(STAGE.play("two_thousand"));
    }

    /// All samples have their answers, and meanwhile heartbeats had theirs.
    static void assertAllAnswered(Verdict verdict) {
        IO.println(verdict.facts());
        assertThat(verdict.number("answered")).isEqualTo(2000);
        assertThat(verdict.numbers("lengths")).containsExactly(3.0);
        assertThat(verdict.is("same")).isTrue();
        assertThat(verdict.number("fell")).isPositive();
        assertThat(verdict.number("beat_p99")).isLessThan(Tolerances.HEARTBEAT_MILLIS);
    }

    @Test
    void copiesOfAClientDoNotGetInEachOthersWay() {
        Verdict verdict = STAGE.play("copies");
        assertThat(verdict.is("same")).isTrue();
        assertThat(verdict.number("ids")).isEqualTo(4);
        assertThat(verdict.numbers("numbers")).containsExactly(0.0, 1.0, 2.0, 3.0);
        assertThat(verdict.is("polled")).isFalse();
    }

    @Test
    void largeResultsArrive() {
        Verdict verdict = STAGE.play("large_results");
        assertThat(verdict.number("apart")).isLessThan(Tolerances.LOGPROB);
        assertThat(verdict.number("scored")).isEqualTo(100);
    }

    @Test
    void samplesThatNobodyWaitsForAreTakenBack() {
        Verdict verdict = STAGE.play("taken_back");
        assertThat(verdict.text("told")).isEqualTo("the sample was abandoned");
        assertThat(verdict.is("same")).isTrue();
    }

    @Test
    void anOlderClientTakesThemBackTheSameWay() {
        Verdict verdict = STAGE.play("taken_back_by_an_older_client", "0.31.0");
        assertThat(verdict.text("told")).isEqualTo("the sample was abandoned");
    }
}
