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
    void preferencesAreLearnedAsTheCookbookDoes() {
        Verdict verdict = STAGE.play("preferences");
        assertThat(verdict.number("loss")).isLessThan(Tolerances.LOSS);
        assertThat(verdict.number("norm")).isLessThan(Tolerances.LOSS);
        assertThat(verdict.number("margin")).isLessThan(Tolerances.LOSS);
    }

    @Test
    void aLossOfTheClientsOwnMayReadTables() {
        Verdict verdict = STAGE.play("tables_of_the_clients_own");
        assertThat(verdict.numbers("loss")).hasSize(2).allMatch(apart -> apart < Tolerances.LOSS);
        assertThat(verdict.numbers("norm")).hasSize(2).allMatch(apart -> apart < Tolerances.LOSS);
        assertThat(verdict.texts("shapes")).containsOnly("true");
    }

    @Test
    void aTracedLossIsUploadedAndComputedByTheServer() {
        Verdict verdict = STAGE.play("uploaded_losses");
        assertThat(verdict.texts("names")).hasSizeGreaterThan(20);
        assertThat(verdict.texts("uploaded")).containsOnly("true");
        assertThat(verdict.numbers("loss")).allMatch(apart -> apart < Tolerances.LOSS);
        assertThat(verdict.numbers("norm")).allMatch(apart -> apart < Tolerances.NORM);
        assertThat(verdict.numbers("metrics")).isNotEmpty().allMatch(apart -> apart < 1e-5);
    }

    @Test
    void whatALossMayNotDoIsSaidByName() {
        Verdict verdict = STAGE.play("losses_that_are_refused");
        assertThat(verdict.text("spectrum"))
                .contains("400", "(torch._C._fft.fft_fft) is not known");
        assertThat(verdict.text("in_place")).contains("400", "changes a tensor in place");
        assertThat(verdict.text("at_random"))
                .contains("400", "(torch.rand_like) is not known here");
        assertThat(verdict.text("coarse")).contains("400", "uses the dtype float16");
        assertThat(verdict.text("weights_alone")).contains("400", "does not depend on logprobs");
        assertThat(verdict.text("misfit")).contains("data[0]", "the shapes [17] and [18]");
        assertThat(verdict.text("enormous")).contains("would have more than 1048576 values");
        assertThat(verdict.text("elsewhere")).contains("400", "no such loss");
        assertThat(verdict.text("nameless")).contains("400", "loss_fn_config['loss_id']");
        assertThat(verdict.text("number")).contains("400", "loss_fn_config['loss_id']");
        assertThat(verdict.number("goes_on")).isLessThan(Tolerances.LOSS);
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
