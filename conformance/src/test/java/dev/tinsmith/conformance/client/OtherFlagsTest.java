package dev.tinsmith.conformance.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The same, with every choice that a server leaves to its operator made the other way.
class OtherFlagsTest {
    @RegisterExtension
    static final Stage STAGE =
            Stage.tiny(
                            "waiting",
                            "--sample-polls",
                            "session",
                            "--sample-join",
                            "off",
                            "--sample-cancel",
                            "off",
                            "--client-transport",
                            "httpx",
                            "--client-packing",
                            "none",
                            "--samples-per-client",
                            "2000")
                    .at("other_flags");

    @Test
    void theClientIsToldHowToBehave() {
        Verdict verdict = STAGE.play("transport");
        assertThat(verdict.is("pyqwest")).isFalse();
        assertThat(verdict.is("zstd")).isFalse();
        assertThat(verdict.is("session")).isTrue();
        assertThat(verdict.is("join")).isFalse();
        assertThat(verdict.is("cancel")).isFalse();
        assertThat(verdict.number("most")).isEqualTo(2000);
        assertThat(verdict.number("tokens")).isEqualTo(3);
    }

    @Test
    void twoThousandSamplesAtOnceAreAllAnsweredAndHeartbeatsDoNotWait() {
        WaitingTest.assertAllAnswered(STAGE.play("two_thousand"));
    }

    @Test
    void copiesOfAClientDoNotGetInEachOthersWay() {
        Verdict verdict = STAGE.play("copies");
        assertThat(verdict.is("same")).isTrue();
        assertThat(verdict.number("ids")).isEqualTo(4);
        assertThat(verdict.numbers("numbers")).hasSize(4).startsWith(0.0);
        assertThat(verdict.is("polled")).isTrue();
    }

    @Test
    void anOlderClientAwaitsItsSamplesTogetherToo() {
        Verdict verdict = STAGE.play("drawn_by_an_older_client", "0.31.0");
        assertThat(verdict.text("version")).isEqualTo("0.31.0");
        assertThat(verdict.numbers("lengths")).hasSize(50).containsOnly(3.0);
    }

    @Test
    void largeResultsArrive() {
        Verdict verdict = STAGE.play("large_results");
        assertThat(verdict.number("apart")).isLessThan(Tolerances.LOGPROB);
        assertThat(verdict.number("scored")).isEqualTo(100);
    }

    @Test
    void samplesThatNobodyWaitsForAreDrawnAllTheSame() {
        Verdict verdict = STAGE.play("taken_back");
        assertThat(verdict.text("told")).isEqualTo("it was drawn");
        assertThat(verdict.is("same")).isTrue();
    }
}
