package dev.tinsmith.conformance.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/// Requests in another order, again, packed, or wrong.
class RawRequestsTest {
    @RegisterExtension static final Stage STAGE = Stage.tiny("raw");

    /// What is refused with 400, and what its words name.
    private static final Map<String, String> PASSES =
            Map.ofEntries(
                    Map.entry("no data", "data is empty"),
                    Map.entry("no tokens", "data[0].model_input is empty"),
                    Map.entry("weights too short", "loss_fn_inputs['weights'] has the shape [7]"),
                    Map.entry("targets too long", "loss_fn_inputs['target_tokens'] has the shape"),
                    Map.entry("no targets", "loss_fn_inputs['target_tokens'] is missing"),
                    Map.entry("a token too large", "model_input token 4 is 288"),
                    Map.entry("a token below zero", "model_input token 0 is -1"),
                    Map.entry("a target too large", "['target_tokens'] value 7 is 5000"),
                    Map.entry("a weight that is no number", "['weights'] holds NaN at 7"),
                    Map.entry("an infinite advantage", "['advantages'] holds Infinity at 0"),
                    Map.entry("an unknown loss", "no loss is called 'hinge'"),
                    Map.entry("an input too many", "['mask'] is not an input"),
                    Map.entry("an input too few", "['advantages'] is missing"),
                    Map.entry("an unknown setting", "loss_fn_config['clip_hi'] is not a setting"),
                    Map.entry("a setting out of range", "clip_low_threshold is 1.5"),
                    Map.entry("a text too long", "has 199 tokens; this model reads at most 128"));

    private static final Map<String, String> OTHERS =
            Map.ofEntries(
                    Map.entry("a step that is no number", "adam_params.learning_rate is missing"),
                    Map.entry("a step below zero", "learning_rate is -0.1"),
                    Map.entry("a moment too large", "beta1 is 1.0"),
                    Map.entry("a key too many", "adam_params.momentum is not a field"),
                    Map.entry("a name with a slash", "'../x' cannot name a checkpoint"),
                    Map.entry("a life too short", "ttl_seconds is 10"),
                    Map.entry("an unknown model", "no base model is called 'tiny/unheard-of'"),
                    Map.entry("a rank of zero", "rank is 0"),
                    Map.entry("nothing to train", "lora_config"),
                    Map.entry("an unknown optimizer", "optimizer_config.type is 'dimuon'"),
                    Map.entry("no protobuf", "protobuf"),
                    Map.entry("no JSON", "not JSON"));

    private static final Map<String, String> SAMPLES =
            Map.of(
                    "no prompt", "prompt is empty",
                    "a token too large", "prompt token 0 is 288",
                    "no samples", "num_samples is 0",
                    "too long together", "prompt length plus max_tokens exceeds",
                    "below zero degrees", "temperature is -1.0",
                    "a share above one", "top_p is 1.5",
                    "no choice", "top_k is -2",
                    "a stop too large", "sampling_params.stop is 288");

    @Test
    void requestsThatArriveInAnyOrderAreDoneInTheirOwn() {
        Verdict verdict = STAGE.play("out_of_order");
        assertThat(verdict.facts().get("backwards")).isEqualTo(verdict.facts().get("forwards"));
    }

    @Test
    void aRequestSentAgainIsTheSameRequestAndAChangedOneIsRefused() {
        Verdict verdict = STAGE.play("sent_again");
        assertThat(verdict.number("created")).isEqualTo(1);
        assertThat(verdict.number("passed")).isEqualTo(1);
        assertThat(verdict.number("stepped")).isEqualTo(1);
        assertThat(verdict.is("same_result")).isTrue();
        assertThat(verdict.is("counted_once")).isTrue();
        assertThat(verdict.numbers("refused")).containsExactly(400.0, 400.0, 400.0);
        assertThat(verdict.texts("reasons")).allMatch(reason -> reason.contains("was used for"));
        assertThat(verdict.is("goes_on")).isTrue();
    }

    @Test
    void aPackedBodyIsReadAndABombIsNot() {
        Verdict verdict = STAGE.play("packed");
        assertThat(verdict.is("same")).isTrue();
        assertThat(verdict.number("half")).isEqualTo(400);
        assertThat(verdict.number("burst")).isEqualTo(400);
        assertThat(verdict.texts("reasons").getLast()).contains("once unpacked");
    }

    @Test
    void aNumberThatWasRejectedHoldsUpNoOther() {
        Verdict verdict = STAGE.play("a_rejected_number");
        assertThat(verdict.number("status")).isEqualTo(400);
        assertThat(verdict.number("again")).isEqualTo(400);
        assertThat(verdict.number("mended")).isEqualTo(400);
        assertThat(verdict.is("goes_on")).isTrue();
    }

    @Test
    void whatIsWrongIsRefusedByNameAndTheRunGoesOn() {
        Verdict verdict = STAGE.play("refusals");
        JsonNode refused = verdict.facts().get("refused");
        assertRefused(refused, PASSES);
        assertRefused(refused, OTHERS);
        for (String missing :
                new String[] {
                    "a checkpoint that is not there",
                    "an unknown run",
                    "no such promise",
                    "no such place",
                    "the wrong way to ask"
                }) {
            assertThat(refused.get(missing).get("status").asInt()).as(missing).isEqualTo(404);
        }
        assertThat(verdict.is("framed")).as("every refusal has a body with its length").isTrue();
        assertThat(verdict.number("goes_on")).isPositive();
    }

    @Test
    void aSampleThatCannotBeIsRefusedByName() {
        Verdict verdict = STAGE.play("refused_samples");
        JsonNode refused = verdict.facts().get("refused");
        assertRefused(refused, SAMPLES);
        assertThat(refused.get("an unknown sampler").get("status").asInt()).isEqualTo(404);
        assertThat(verdict.number("goes_on")).isEqualTo(200);
    }

    private static void assertRefused(JsonNode refused, Map<String, String> expected) {
        expected.forEach((name, words) -> {
            JsonNode answer = refused.get(name);
            assertThat(answer.get("status").asInt()).as(name + ": " + answer).isEqualTo(400);
            assertThat(answer.get("text").asString()).as(name).contains(words, "\"detail\"");
        });
    }

    @Test
    void aWrongKeyOpensNothingAndTheTokenizerNeedsNone() {
        Verdict verdict = STAGE.play("keys");
        assertThat(verdict.number("wrong")).isEqualTo(401);
        assertThat(verdict.number("none")).isEqualTo(401);
        assertThat(verdict.text("words")).contains("TINKER_API_KEY").doesNotContain("guessed");
        assertThat(verdict.facts().get("health").get("status").asString()).isEqualTo("ok");
        assertThat(verdict.number("tokenizer")).isEqualTo(200);
        assertThat(verdict.number("weights")).isEqualTo(404);
        assertThat(verdict.number("outside")).isBetween(400.0, 404.0);
        assertThat(verdict.text("client")).startsWith("AuthenticationError");
    }

    @Test
    void theClientIsToldWhatIsWrongAndGoesOn() {
        Verdict verdict = STAGE.play("the_client_is_told");
        assertThat(verdict.texts("told"))
                .satisfiesExactly(
                        token -> assertThat(token).contains("BadRequestError", "token 1 is 999"),
                        loss -> assertThat(loss).contains("BadRequestError", "'hinge'"),
                        rate -> assertThat(rate).contains("BadRequestError", "learning_rate"),
                        model -> assertThat(model).contains("BadRequestError", "unheard-of"),
                        path -> assertThat(path).contains("NotFoundError", "no checkpoint"),
                        name -> assertThat(name).contains("RequestFailedError", "exists already"),
                        kind -> assertThat(kind).contains("save_weights_for_sampler"));
        assertThat(verdict.is("replaced")).isTrue();
        assertThat(verdict.number("fell")).isPositive();
    }

    @Test
    void threeHundredSamplesAreAskedForAtOnce() {
        Verdict verdict = STAGE.play("asked_all_at_once");
        assertThat(verdict.number("answers")).isEqualTo(300);
        assertThat(verdict.numbers("lengths")).containsExactly(3.0);
        assertThat(verdict.is("same")).isTrue();
    }
}
