package dev.tinsmith.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinsmith.protocol.codec.Wire;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Samples through the open port, of a server that lets few wait and answers soon.
class SamplingTest {
    @TempDir Path data;

    private final CountDownLatch release = new CountDownLatch(1);
    private Running running;
    private String sampler;

    @BeforeEach
    void start() {
        running = Running.impatient(data);
        sampler = running.sampler(running.session(), 0);
    }

    @AfterEach
    void close() {
        release.countDown();
        running.close();
    }

    @Test
    void aSampleHasANameForEachOfItsSequences() throws Exception {
        Visit.Told told =
                running.sample(
                        sampler,
                        0,
                        ", \"prompt_logprobs\": true, \"topk_prompt_logprobs\": 2, \"topk_sample_logprobs\": 3");

        assertThat(told.text())
                .contains(
                        "\"sample_sequence_ids\":[\"%s:0:0\",\"%s:0:1\"]"
                                .formatted(sampler, sampler));
        Wire.SampleResponse response = Wire.SampleResponse.parseFrom(whole(told).bytes());
        assertThat(response.getSequencesCount()).isEqualTo(2);
        assertThat(response.getPromptLogprobs().size()).isEqualTo(3 * Float.BYTES);
        assertThat(response.getTopkPromptLogprobs().getK()).isEqualTo(2);
        assertThat(response.getSequences(1).getTopkSampledLogprobs().getK()).isEqualTo(3);
    }

    @Test
    void targetsComeBackAsTheyWereLaidOut() throws Exception {
        Visit.Told dense =
                running.sample(
                        sampler,
                        0,
                        ", \"target_prompt_logprobs\": {\"data\": [1, -1, 2, 3], \"dtype\": \"int64\", \"shape\": [2, 2]}");
        Visit.Told sparse =
                running.sample(
                        sampler,
                        1,
                        ", \"prompt_alt_tokens_k\": 2, \"target_prompt_logprobs\": {\"data\": [1], \"dtype\": \"int64\", \"shape\": [2, 9], \"sparse_crow_indices\": [0, 0, 1], \"sparse_col_indices\": [4]}");

        Wire.SampleResponse first = Wire.SampleResponse.parseFrom(whole(dense).bytes());
        assertThat(first.getTargetPromptLogprobs().getShapeList()).containsExactly(2L, 2L);
        assertThat(first.getTargetPromptLogprobs().getDense().size()).isEqualTo(4 * Float.BYTES);
        assertThat(first.hasPromptAltTokens()).isFalse();
        Wire.SampleResponse second = Wire.SampleResponse.parseFrom(whole(sparse).bytes());
        Wire.Tensor scores = second.getTargetPromptLogprobs();
        assertThat(scores.getShapeList()).containsExactly(2L, 9L);
        assertThat(scores.getSparseCsr().getValues().size()).isEqualTo(Float.BYTES);
        assertThat(scores.getSparseCsr().getCrowIndices().size()).isEqualTo(3 * Long.BYTES);
        assertThat(scores.getSparseCsr().getColIndices().byteAt(0)).isEqualTo((byte) 4);
        assertThat(second.getPromptAltTokens().getTokens().getShapeList()).containsExactly(2L, 2L);
        assertThat(second.getPromptAltTokens().getLogprobs().getDense().size())
                .isEqualTo(4 * Float.BYTES);
    }

    @Test
    void aSampleSentTwiceIsDrawnOnce() {
        Visit.Told first = running.sample(sampler, 0, "");
        byte[] drawn = whole(first).bytes();

        assertThat(running.sample(sampler, 0, "").text()).isEqualTo(first.text());
        assertThat(whole(first).bytes()).isEqualTo(drawn);
        assertThat(running.engine.calls("admit")).hasSize(1);
    }

    @Test
    void aClientWhoseResultIsNotThereYetIsToldToAskAgainAfterAWhile() {
        holdDecoding();
        Visit.Told submitted = running.sample(sampler, 0, "");
        Instant before = Instant.now();

        Visit.Told told = running.visit.result(submitted);

        assertThat(Duration.between(before, Instant.now())).isGreaterThan(Duration.ofMillis(90));
        assertThat(told.status()).isEqualTo(200);
        assertThat(told.text())
                .isEqualTo(
                        "{\"type\":\"try_again\",\"request_id\":\"%s:0\",\"queue_state\":\"active\"}"
                                .formatted(sampler));
    }

    @Test
    void whoSendsTooManyIsToldToSlowDown() {
        holdDecoding();
        running.sample(sampler, 0, "");
        running.sample(sampler, 1, "");

        Visit.Told told = running.sample(sampler, 2, "");
        assertThat(told.status()).isEqualTo(429);
        assertThat(told.header("retry-after")).isEqualTo("1");
        release.countDown();
        assertThat(whole(running.sample(sampler, 1, "")).status()).isEqualTo(200);
    }

    @Test
    void whatIsNotHonouredIsRefusedBeforeItTakesARoom() {
        assertThat(running.sample(sampler, 0, ", \"min_p\": 0.1").text())
                .contains("min_p is not a field this server knows");
        assertThat(running.sample(sampler, 0, ", \"record_stability_info\": true").status())
                .isEqualTo(400);
        assertThat(running.sample(sampler, 0, ", \"base_model\": \"other\"").text())
                .contains("base_model is 'other', but this sampling session has ");
        assertThat(running.sample(sampler, 0, ", \"type\": \"forward\"").text())
                .contains("type is 'forward', but this sampling session has sample; leave it out");
        assertThat(running.sample(sampler, -1, "").text())
                .contains("seq_id is -1; it must be at least 0");
        assertThat(running.sample("no:sample:0", 0, "").status()).isEqualTo(404);

        assertThat(whole(running.sample(sampler, 0, "")).status()).isEqualTo(200);
        assertThat(whole(running.sample(sampler, 1, "")).status()).isEqualTo(200);
        assertThat(whole(running.sample(sampler, 2, "")).status()).isEqualTo(200);
    }

    private Visit.Told poll(String more) {
        return running.visit.post(
                "/api/v1/retrieve_futures",
                "{\"target\": {\"type\": \"sampling_session\", \"sampling_session_id\": \"%s\"}%s}"
                        .formatted(sampler, more));
    }

    @Test
    void allSamplesOfASamplerAreAwaitedAtOnce() {
        holdDecoding();
        running.sample(sampler, 0, "");
        running.sample(sampler, 1_000_000_000, "");
        assertThat(poll("").text()).isEqualTo("{\"completions\":[],\"cursor\":0}");
        release.countDown();
        Visit.Told told = poll("");
        while (told.text().contains("[]")) {
            told = poll("");
        }

        assertThat(told.text())
                .matches(
                        "\\{\"completions\":\\[\\{\"state\":\"finished\",\"request_id\":\"%s:0\",\"response_payload_uncompressed_size\":\\d+}],\"cursor\":\\d}"
                                .formatted(sampler));
        assertThat(poll(", \"prev_cursor\": " + told.field("cursor")).field("completions"))
                .isEqualTo("[]");
        assertThat(
                        poll(", \"timeout\": 0, \"retrieved_request_ids\": [\"%s:0\"], \"prev_cursor\": %s"
                                        .formatted(sampler, told.field("cursor")))
                                .status())
                .isEqualTo(200);
        assertThat(
                        running.visit
                                .post(
                                        "/api/v1/retrieve_future",
                                        "{\"request_id\": \"%s:0\"}".formatted(sampler))
                                .status())
                .as("what has arrived is not kept")
                .isEqualTo(404);
    }

    @Test
    void aPollThatMakesNoSenseIsRefusedByName() {
        assertThat(poll(", \"prev_cursor\": 5").text()).contains("prev_cursor is 5; it must be 0");
        assertThat(poll(", \"timeout\": -1").text()).contains("timeout is -1.0");
        assertThat(poll(", \"retrieved_request_ids\": [\"other:sample:0:1\"]").text())
                .contains("retrieved_request_ids names 'other:sample:0:1'");
        assertThat(
                        running.visit
                                .post(
                                        "/api/v1/retrieve_futures",
                                        "{\"target\": {\"type\": \"run\", \"sampling_session_id\": \"x\"}}")
                                .text())
                .contains("target.type is 'run'; it must be 'sampling_session'");
    }

    @Test
    void copiesOfAClientAreNumbered() {
        String asked = "{\"sampling_session_id\": \"%s\"}".formatted(sampler);

        assertThat(running.visit.post("/api/v1/join_sampling_session", asked).text())
                .isEqualTo("{\"client_counter\":1}");
        assertThat(running.visit.post("/api/v1/join_sampling_session", asked).text())
                .isEqualTo("{\"client_counter\":2}");
    }

    private Visit.Told cancel(String id) {
        return running.visit.post(
                "/api/v1/cancel_future", "{\"request_id\": \"%s\"}".formatted(id));
    }

    @Test
    void aSampleThatNobodyWantsEndsAndMakesRoom() {
        holdDecoding();
        Visit.Told unwanted = running.sample(sampler, 0, "");
        running.sample(sampler, 1, "");

        assertThat(cancel(unwanted.field("request_id")).status()).isEqualTo(200);
        assertThat(cancel(unwanted.field("request_id")).status()).isEqualTo(200);
        release.countDown();

        assertThat(whole(unwanted).text()).contains("\"error\":\"the sample was abandoned\"");
        assertThat(cancel(unwanted.field("request_id")).status()).isEqualTo(200);
        assertThat(cancel("never").status()).isEqualTo(404);
    }

    @Test
    void workOfARunCannotBeCancelled() {
        String run = running.run(running.session());
        running.engine.hold();
        Visit.Told pass = running.pass(run, 1, 3);

        assertThat(cancel(pass.field("request_id")).text())
                .contains("is work of a training run; only samples can be cancelled");
    }

    /// Asks until it is there, as clients do.
    private Visit.Told whole(Visit.Told submitted) {
        Instant end = Instant.now().plusSeconds(20);
        Visit.Told told = running.visit.result(submitted);
        while (told.text().contains("try_again") && Instant.now().isBefore(end)) {
            told = running.visit.result(submitted);
        }
        assertThat(told.text()).doesNotContain("try_again");
        return told;
    }

    private void holdDecoding() {
        running.engine.nextDecode(() -> {
            try {
                release.await();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
            return List.of();
        });
    }
}
