package dev.tinsmith.conformance.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// All that a sample may ask of a server, with its numbers held against transformers.
class SamplingTest {
    @RegisterExtension static final Stage STAGE = Stage.tiny("sampling");

    @Test
    void aPromptIsScoredWholeOrAtItsEnd() {
        Verdict verdict = STAGE.play("prompts_are_scored");
        assertThat(verdict.numbers("apart")).hasSize(2).allMatch(Tolerances::isOneLogprob);
        assertThat(verdict.numbers("likeliest")).hasSize(32).allMatch(Tolerances::isOneLogprob);
        assertThat(verdict.texts("ids")).containsExactly("true", "true");
        assertThat(verdict.is("skipped")).isTrue();
        assertThat(verdict.numbers("last")).hasSize(8).allMatch(Tolerances::isOneLogprob);
        assertThat(verdict.is("first")).isTrue();
        assertThat(verdict.is("alone")).isTrue();
        assertThat(verdict.number("cached")).isZero();
        assertThat(verdict.text("too_many"))
                .contains(
                        "prompt_logprobs_last_n is 17 for a prompt of 17 tokens; it must be at least 1 and below the prompt's length");
    }

    @Test
    void whatAPromptHasInCommonWithAnEarlierOneIsNotComputedAgain() {
        Verdict verdict = STAGE.play("beginnings_are_kept");
        assertThat(verdict.numbers("hits")).containsExactly(0.0, 64.0, 32.0, 32.0, 0.0);
        assertThat(verdict.is("same")).isTrue();
        assertThat(verdict.is("scores")).isTrue();
        assertThat(verdict.number("cached")).isEqualTo(64 + 32 + 32);
        assertThat(verdict.number("computed")).isEqualTo(76 + 12 + 38 + 44 + 76 + 76);
    }

    @Test
    void tokensAreScoredWhereTheyAreNamedAndComeBackAsTheyWereLaidOut() {
        Verdict verdict = STAGE.play("named_tokens_are_scored");
        assertThat(verdict.numbers("apart")).hasSize(2).allMatch(Tolerances::isOneLogprob);
        assertThat(verdict.numbers("absent")).containsExactly(0.0, 0.0);
        assertThat(verdict.texts("layout")).containsExactly("true", "true");
        assertThat(verdict.is("sparse")).isTrue();
        assertThat(verdict.text("rows"))
                .contains("target_prompt_logprobs has 17 rows; a prompt of 17 tokens needs 16");
        assertThat(verdict.text("none")).contains("target_prompt_logprobs names no token");
        assertThat(verdict.text("outside"))
                .contains("target_prompt_logprobs.data[0] is 288; the vocabulary of this model");
    }

    @Test
    void alternativesAreDrawnAtEachPositionOfAPrompt() {
        Verdict verdict = STAGE.play("alternatives_are_drawn");
        assertThat(verdict.is("shape")).isTrue();
        assertThat(verdict.texts("dtypes")).containsExactly("int64", "float32");
        assertThat(verdict.number("apart")).matches(Tolerances::isOneLogprob);
        assertThat(verdict.number("distribution")).isLessThan(1.5);
        assertThat(verdict.is("seed")).isTrue();
        assertThat(verdict.is("other_seed")).isTrue();
        assertThat(verdict.is("greedy")).isTrue();
        assertThat(verdict.numbers("one_token")).containsExactly(0.0, 2.0);
    }

    @Test
    void aSampleStopsWhereItIsToldAndSaysWhatStoppedIt() {
        Verdict verdict = STAGE.play("samples_stop");
        assertThat(verdict.is("learned")).isTrue();
        assertThat(verdict.texts("texts")).hasSize(11).containsOnly("true");
        assertThat(verdict.texts("ends")).hasSize(11).containsOnly("true");
        assertThat(verdict.texts("reasons")).containsOnly("stop");
        assertThat(verdict.is("token")).isTrue();
        assertThat(verdict.is("never_said")).isTrue();
        assertThat(verdict.is("nothing")).isTrue();
        assertThat(verdict.text("nothing_reason")).isEqualTo("length");
        assertThat(verdict.text("empty_text")).contains("sampling_params.stop");
    }

    @Test
    void promptAndSampleKeepToTheContextTogether() {
        Verdict verdict = STAGE.play("lengths_keep_to_the_context");
        assertThat(verdict.numbers("unbounded")).containsExactly(128.0, 128.0);
        assertThat(verdict.texts("reasons")).containsExactly("length", "length");
        assertThat(verdict.number("brim")).isEqualTo(128);
        assertThat(verdict.text("over"))
                .startsWith("BadRequestError")
                .contains("prompt length plus max_tokens exceeds")
                .contains("17 prompt tokens + 112 max_tokens > 128");
        assertThat(verdict.text("full")).contains("128 prompt tokens + 1 max_tokens > 128");
    }

    @Test
    void aSeedOfAnySizeDecidesWhatIsDrawn() {
        Verdict verdict = STAGE.play("seeds_of_any_size");
        assertThat(verdict.texts("again")).hasSize(6).containsOnly("true");
        assertThat(verdict.number("seeds")).isEqualTo(5);
        assertThat(verdict.numbers("samples")).containsOnly(5.0);
        assertThat(verdict.is("alone")).isTrue();
        assertThat(verdict.is("unseeded")).isTrue();
    }

    @Test
    void samplesHaveTheDistributionThatTheyAreAskedFor() {
        Verdict verdict = STAGE.play("samples_have_the_distribution");
        assertThat(verdict.numbers("chi_square")).hasSize(6).allMatch(ratio -> ratio < 2);
        assertThat(verdict.numbers("outside")).containsOnly(0.0);
    }

    @Test
    void atTemperatureZeroTheLikeliestTokenIsTaken() {
        Verdict verdict = STAGE.play("greedy_is_the_likeliest");
        assertThat(verdict.is("same")).isTrue();
        assertThat(verdict.is("greedy")).isTrue();
        assertThat(verdict.number("logprobs")).matches(Tolerances::isOneLogprob);
        assertThat(verdict.is("top")).isTrue();
        assertThat(verdict.number("top_logprobs")).matches(Tolerances::isOneLogprob);
        assertThat(verdict.is("top_1")).isTrue();
    }

    @Test
    void theSamplerAndTheTrainerAreOnePolicy() {
        Verdict verdict = STAGE.play("sampler_and_trainer_are_one_policy");
        assertThat(verdict.number("tokens")).isEqualTo(32 * 40);
        assertThat(verdict.number("v1")).isLessThan(Tolerances.KL);
        assertThat(verdict.number("v2")).isLessThan(Tolerances.KL);
        assertThat(verdict.number("most")).matches(Tolerances::isOneLogprob);
    }

    @Test
    void snapshotsStayAndInflightSamplersFollow() {
        Verdict verdict = STAGE.play("snapshots_stay_and_inflight_follows");
        assertThat(verdict.numbers("before")).allMatch(Tolerances::isOneLogprob);
        assertThat(verdict.number("unpublished")).matches(Tolerances::isOneLogprob);
        assertThat(verdict.number("moved")).isGreaterThan(0.1);
        assertThat(verdict.number("snapshot")).matches(Tolerances::isOneLogprob);
        assertThat(verdict.numbers("followers")).hasSize(2).allMatch(Tolerances::isOneLogprob);
    }

    @Test
    void whatIsNotOfferedIsRefusedByName() {
        Verdict verdict = STAGE.play("what_is_not_offered_is_refused");
        assertThat(verdict.text("stability")).contains("record_stability_info is true");
        assertThat(verdict.text("wide"))
                .contains("topk_prompt_logprobs is 257; it must be 0 to 256");
        assertThat(verdict.text("temperature")).contains("temperature is -1.0");
        assertThat(verdict.text("unknown")).startsWith("400").contains("sampling_params.min_p");
        assertThat(verdict.text("other_base"))
                .startsWith("400")
                .contains("base_model is 'tiny/tied', but this sampling session has tiny/untied");
        assertThat(verdict.text("same_base")).isEqualTo("200");
        assertThat(verdict.text("many"))
                .startsWith("400")
                .contains("topk_sample_logprobs is 256 at up to 102400 positions");
        assertThat(verdict.number("goes_on")).isEqualTo(1);
    }
}
