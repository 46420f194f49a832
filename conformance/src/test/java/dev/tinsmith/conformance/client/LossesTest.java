package dev.tinsmith.conformance.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What is learned from: each loss and the norm of its gradient are those that torch finds through
/// the run's adapter in peft.
class LossesTest {
    @RegisterExtension static final Stage STAGE = Stage.tiny("losses");

    @Test
    void theLossesOfPolicyGradientsAreTorchs() {
        Verdict verdict = STAGE.play("losses_of_policy_gradients");
        assertThat(verdict.texts("losses")).hasSize(5);
        assertThat(verdict.numbers("loss")).allMatch(apart -> apart < Tolerances.LOSS);
        assertThat(verdict.numbers("norm")).allMatch(apart -> apart < Tolerances.LOSS);
        assertThat(verdict.numbers("logprobs")).allMatch(apart -> apart < Tolerances.LOGPROB);
        assertThat(verdict.number("clipped")).isBetween(0.1, 0.9);
        assertThat(verdict.number("on_policy")).isLessThan(Tolerances.LOGPROB);
    }

    @Test
    void inputsAreTakenForWhatTheyMean() {
        Verdict verdict = STAGE.play("what_lists_become");
        assertThat(verdict.number("whole")).isLessThan(Tolerances.LOSS);
        assertThat(verdict.number("bare")).isLessThan(Tolerances.LOSS);
        assertThat(verdict.number("spread")).isLessThan(Tolerances.LOSS);
        assertThat(verdict.number("column")).isLessThan(Tolerances.LOSS);
        assertThat(verdict.text("shapes")).isEqualTo("[[13], [13, 8], [13, 1]]");
        assertThat(verdict.text("unsupported"))
                .startsWith("RequestFailedError")
                .contains("the loss 'stable_reinforce' is unsupported here");
        assertThat(verdict.is("goes_on")).isTrue();
    }

    @Test
    void aLossOfTheClientsOwnIsFollowed() {
        Verdict verdict = STAGE.play("custom_losses");
        assertThat(verdict.numbers("function"))
                .hasSize(2)
                .allMatch(apart -> apart < Tolerances.LOSS);
        assertThat(verdict.numbers("traced")).hasSize(2).allMatch(apart -> apart < Tolerances.LOSS);
        assertThat(verdict.texts("metrics")).contains("margin", "custom/likelihood:sum");
    }

    @Test
    void aPositionMayHaveManyTargets() {
        Verdict verdict = STAGE.play("several_targets_at_each_position");
        assertThat(verdict.numbers("loss")).hasSize(2).allMatch(apart -> apart < Tolerances.LOSS);
        assertThat(verdict.numbers("norm")).hasSize(2).allMatch(apart -> apart < Tolerances.LOSS);
        assertThat(verdict.numbers("logprobs"))
                .hasSize(6)
                .allMatch(apart -> apart < Tolerances.LOGPROB);
        assertThat(verdict.texts("shape")).containsOnly("true");
    }

    @Test
    void theLikeliestTokensAreTransformers() {
        Verdict verdict = STAGE.play("likeliest_tokens");
        assertThat(verdict.is("first")).isTrue();
        assertThat(verdict.is("ids")).isTrue();
        assertThat(verdict.number("logprobs")).isLessThan(Tolerances.LOGPROB);
        assertThat(verdict.number("prompt")).isLessThan(Tolerances.LOGPROB);
        assertThat(verdict.is("last")).isTrue();
        assertThat(verdict.number("last_values")).isLessThan(Tolerances.LOGPROB);
        assertThat(verdict.is("greedy")).isTrue();
        assertThat(verdict.number("greedy_logprobs")).isLessThan(Tolerances.LOGPROB);
    }
}
