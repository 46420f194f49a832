package dev.tinsmith.conformance.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The four verbs.
class TrainingTest {
    @RegisterExtension static final Stage STAGE = Stage.tiny("training");

    @Test
    void theFourVerbsTrainSaveAndSample() {
        Verdict verdict = STAGE.play("four_verbs");
        assertThat(verdict.texts("offered")).contains("tiny/untied", "tiny/tied");
        assertThat(verdict.number("rank")).isEqualTo(8);
        assertThat(verdict.number("last")).isLessThan(verdict.number("first") / 10);
        assertThat(verdict.text("saved")).matches("tinker://[0-9a-f-]{36}:train:0/weights/done");
        assertThat(verdict.numbers("tokens")).containsExactly(6.0, 6.0, 6.0);
        assertThat(verdict.numbers("logprobs")).containsExactly(6.0, 6.0, 6.0);
        assertThat(verdict.number("different")).isGreaterThan(1);
        assertThat(verdict.text("base")).isEqualTo("tiny/untied");
    }

    @Test
    void theServerGivesTheTokenizerToAClientThatHasNone() {
        Verdict verdict = STAGE.play("tokenizer_by_name");
        assertThat(verdict.texts("before")).as("the client's own cache").isEmpty();
        assertThat(verdict.is("same")).isTrue();
        assertThat(verdict.is("back")).isTrue();
        assertThat(verdict.is("template")).isTrue();
        assertThat(verdict.is("by_name")).isTrue();
    }

    @Test
    void theSamplerSeesTheLogProbabilitiesThatTheTrainerSees() {
        Verdict verdict = STAGE.play("trainer_and_sampler_agree");
        assertThat(verdict.number("prompt")).isLessThan(Tolerances.LOGPROB);
        assertThat(verdict.number("sampled")).isLessThan(Tolerances.LOGPROB);
    }

    @Test
    void aRunResumedWithItsOptimizerIsAsIfItHadNeverStopped() {
        Verdict verdict = STAGE.play("resumed_with_the_optimizer");
        assertThat(verdict.numbers("resumed")).isEqualTo(verdict.numbers("uninterrupted"));
        assertThat(verdict.number("logprobs")).isZero();
        assertThat(verdict.number("rank")).isEqualTo(8);
    }

    @Test
    void aRunResumedWithoutItsOptimizerBeginsWithTheWeightsAlone() {
        Verdict verdict = STAGE.play("resumed_without_the_optimizer");
        assertThat(verdict.numbers("first")).isEqualTo(verdict.numbers("second"));
        assertThat(verdict.numbers("first").getFirst())
                .isEqualTo(verdict.numbers("uninterrupted").getFirst());
        assertThat(verdict.numbers("first").getLast())
                .isNotEqualTo(verdict.numbers("uninterrupted").getLast());
    }

    @Test
    void aRunGoesBackToWhatItSaved() {
        Verdict verdict = STAGE.play("gone_back_to");
        assertThat(verdict.numbers("again")).isEqualTo(verdict.numbers("onwards"));
        assertThat(verdict.numbers("weights_only").getFirst())
                .isEqualTo(verdict.numbers("onwards").getFirst());
        assertThat(verdict.numbers("weights_only").getLast())
                .isNotEqualTo(verdict.numbers("onwards").getLast());
    }

    @Test
    void whatIsTrainedLaterDoesNotReachASampler() {
        Verdict verdict = STAGE.play("samplers_are_snapshots");
        assertThat(verdict.is("unmoved")).isTrue();
        assertThat(verdict.number("ephemeral")).isLessThan(Tolerances.LOGPROB);
        assertThat(verdict.number("named")).isLessThan(Tolerances.LOGPROB);
        assertThat(verdict.number("base")).isGreaterThan(0.1);
        assertThat(verdict.number("later")).isGreaterThan(0.1);
        assertThat(verdict.number("trainer")).isLessThan(Tolerances.LOGPROB);
    }

    @Test
    void aSeedRepeatsASampleAndAStopEndsIt() {
        Verdict verdict = STAGE.play("seeds_repeat");
        assertThat(verdict.is("same_seed")).isTrue();
        assertThat(verdict.is("other_seed")).isTrue();
        assertThat(verdict.number("greedy")).isEqualTo(1);
        assertThat(verdict.is("top_1")).isTrue();
        assertThat(verdict.is("stopped")).isTrue();
        assertThat(verdict.text("reason")).isEqualTo("stop");
    }

    @Test
    void passesAddUpUntilAStepTakesThem() {
        Verdict verdict = STAGE.play("gradients_add_up");
        assertThat(verdict.number("loss")).isLessThan(400 * Tolerances.LOSS);
        assertThat(verdict.number("norm")).isLessThan(Tolerances.LOSS);
        assertThat(verdict.number("after")).isLessThan(Tolerances.LOGPROB);
        assertThat(verdict.number("empty_step")).isZero();
    }

    @Test
    void aThousandSequencesComeBackInTheirOrder() {
        Verdict verdict = STAGE.play("a_thousand_and_more");
        assertThat(verdict.number("outputs")).isEqualTo(1030);
        assertThat(verdict.number("loss")).isLessThan(10_000 * Tolerances.LOSS);
        assertThat(verdict.number("in_order")).isLessThan(Tolerances.LOGPROB);
    }
}
