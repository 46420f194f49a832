package dev.tinsmith.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tinsmith.engine.Fault;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.ScriptedEngine;
import dev.tinsmith.protocol.codec.Wire;
import dev.tinsmith.server.checkpoint.StoreException;
import dev.tinsmith.server.http.PortException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Training through the open port.
class ServerTest {
    @TempDir Path data;

    private Running running;
    private String run;

    @BeforeEach
    void start() {
        running = Running.in(data);
        run = running.run(running.session());
    }

    @AfterEach
    void close() {
        running.close();
    }

    @Test
    void healthNeedsNoKey() throws Exception {
        running.server.awaitModels();
        try (Visit stranger = running.visit("")) {
            assertThat(stranger.get("/api/v1/healthz").text())
                    .isEqualTo("{\"status\":\"ok\",\"ready\":true}");
        }
    }

    @Test
    void everythingElseNeedsAKeyAndSaysHowToGetOne() {
        try (Visit stranger = running.visit("");
                Visit impostor = running.visit("tml-" + "0".repeat(64))) {
            assertThat(stranger.post("/api/v1/client/config", "{}").status()).isEqualTo(401);
            Visit.Told told = impostor.get("/api/v1/training_runs");
            assertThat(told.status()).isEqualTo(401);
            assertThat(told.text()).contains("TINKER_API_KEY").doesNotContain(running.key());
        }
    }

    @Test
    void aRunIsKnownByTheNameThatClientsComputeThemselves() {
        assertThat(run).endsWith(":train:0");
        Visit.Told info = running.visit.post("/api/v1/get_info", body("model_id", run));
        assertThat(info.text())
                .contains("\"model_name\":\"org/tiny\"", "\"lora_rank\":8", "\"is_lora\":true");
    }

    @Test
    void aPassAndAStepAreDoneInOrder() throws Exception {
        Visit.Told pass = running.pass(run, 1, 3, 4, 5);
        Visit.Told step = running.step(run, 2, 1e-3);

        Visit.Told passed = running.visit.result(pass);
        assertThat(passed.header("content-type")).isEqualTo("application/x-protobuf");
        Wire.ForwardBackwardOutput output = Wire.ForwardBackwardOutput.parseFrom(passed.bytes());
        assertThat(output.getMetricsMap()).containsKey("loss:sum");
        assertThat(output.getLossFnOutputs(0).getNumDatums()).isOne();
        assertThat(running.visit.result(step).text()).contains("\"grad_norm\":");
        assertThat(running.engine.calls("forward", "optim"))
                .containsExactly("forward_backward " + run, "optim_step " + run);
    }

    @Test
    void partsOfAPassMayArriveInAnyOrder() {
        Visit.Told second = running.pass(run, 2, 5);
        Visit.Told third = running.step(run, 3, 1e-3);
        assertThat(running.engine.calls("forward", "optim")).isEmpty();
        running.visit.result(running.pass(run, 1, 4));

        assertThat(running.visit.result(second).status()).isEqualTo(200);
        assertThat(running.visit.result(third).text()).contains("grad_norm");
    }

    @Test
    void aLossThatTheProtocolKnowsAndNobodyCanComputeFailsInItsTurn() {
        Visit.Told promised = running.send(Passes.pass(run, 1, "stable_reinforce", 3));

        assertThat(running.visit.result(promised).text())
                .contains("the loss 'stable_reinforce' is unsupported here")
                .contains("\"category\":\"user\"");
        assertThat(running.visit.result(running.step(run, 2, 1e-3)).text()).contains("grad_norm");
    }

    @Test
    void aRefusedNumberHoldsUpNobody() {
        assertThat(running.step(run, 1, -1).status()).isEqualTo(400);
        assertThat(running.send(Passes.pass(run, 2, "ppoo", 3)).text())
                .contains("no loss is called 'ppoo'; there are [cispo,");
        assertThat(running.pass(run, 3, 3, Running.VOCABULARY).text()).contains("vocabulary");
        assertThat(
                        running.visit
                                .post(
                                        "/api/v1/optim_step",
                                        "{\"model_id\": \"%s\", \"seq_id\": 4, \"adam_params\": {\"learning_rate\": 1, \"beta3\": 1}}"
                                                .formatted(run))
                                .text())
                .contains("adam_params.beta3 is not a field this server knows");
        assertThat(running.save("save_weights", run, 5, "a/b").status()).isEqualTo(400);

        assertThat(running.visit.result(running.step(run, 6, 1e-3)).text()).contains("grad_norm");
    }

    @Test
    void aRefusedNumberSentAgainIsRefusedAgain() {
        running.step(run, 1, -1);

        Visit.Told again = running.step(run, 1, 1e-3);

        assertThat(again.status()).isEqualTo(400);
        assertThat(again.text()).contains("seq_id 1", "learning_rate is -1.0");
    }

    @Test
    void aRequestSentTwiceIsDoneOnce() {
        Visit.Told first = running.pass(run, 1, 3, 4);
        Visit.Told again = running.pass(run, 1, 3, 4);

        assertThat(again.field("request_id")).isEqualTo(first.field("request_id"));
        assertThat(running.visit.result(again).bytes())
                .isEqualTo(running.visit.result(first).bytes());
        assertThat(running.engine.calls("forward")).hasSize(1);
    }

    @Test
    void anotherRequestUnderAUsedNumberIsRefused() {
        running.visit.result(running.pass(run, 1, 3, 4));

        Visit.Told other = running.pass(run, 1, 3, 5);

        assertThat(other.status()).isEqualTo(400);
        assertThat(other.text()).contains("seq_id 1", "was used for another request");
    }

    @Test
    void workThatFailsIsToldWithWhoseTurnItIsAndTheNextOneRuns() {
        running.engine.next(() -> new Outcome.Failed(Fault.USER, "this cannot be done"));

        Visit.Told failed = running.visit.result(running.pass(run, 1, 3));

        assertThat(failed.status()).isEqualTo(200);
        assertThat(failed.text())
                .isEqualTo("{\"error\":\"this cannot be done\",\"category\":\"user\"}");
        assertThat(running.visit.result(running.step(run, 2, 1e-3)).text()).contains("grad_norm");
    }

    @Test
    void aBugOfTheEngineDoesNotLeak() {
        running.engine.next(() -> {
            throw new IllegalStateException("secret of the house");
        });

        assertThat(running.visit.result(running.pass(run, 1, 3)).text())
                .contains("\"category\":\"server\"")
                .doesNotContain("secret");
    }

    @Test
    void aLargeResultIsAnnouncedWhenTheClientAllowsIt() {
        Visit.Told pass = running.send(Passes.large(run, 1, 2000, new int[40]));

        Visit.Told announced =
                running.visit.post(
                        "/api/v1/retrieve_future",
                        "{\"request_id\": \"%s\", \"allow_metadata_only\": true}"
                                .formatted(pass.field("request_id")));
        assertThat(announced.field("status")).isEqualTo("complete_metadata");
        assertThat(running.visit.result(pass).bytes())
                .hasSize(Integer.parseInt(announced.field("response_payload_size")));
    }

    @Test
    void anUnknownBaseModelIsRefusedWithThoseThereAre() {
        Visit.Told told =
                running.visit.post(
                        "/api/v1/create_model",
                        "{\"session_id\": \"%s\", \"model_seq_id\": 1, \"base_model\": \"no/such\"}"
                                .formatted(run.substring(0, run.indexOf(':'))));

        assertThat(told.status()).isEqualTo(400);
        assertThat(told.text()).contains("'no/such'", "org/tiny");
    }

    @Test
    void whatIsNotThereIsNotFound() {
        assertThat(running.step("no:train:0", 1, 1e-3).status()).isEqualTo(404);
        assertThat(running.pass("no:train:0", 1, 3).status()).isEqualTo(404);
        assertThat(
                        running.visit
                                .post("/api/v1/retrieve_future", body("request_id", "no:train:0:1"))
                                .status())
                .isEqualTo(404);
        assertThat(running.visit.post("/api/v1/session_heartbeat", body("session_id", "no")).text())
                .contains("there is no session 'no'");
        assertThat(running.visit.post("/api/v1/unload_model", "{}").text())
                .isEqualTo("{\"detail\":\"there is no POST /api/v1/unload_model on this server\"}");
    }

    @Test
    void aFinishedSessionIsGoneForItsClient() {
        String session = running.session();
        String finish = "{\"reason\": {\"type\": \"%s\"}, \"detail\": null}";
        String path = "/api/v1/sessions/%s/finish".formatted(session);

        assertThat(running.visit.post(path, finish.formatted("bored")).status()).isEqualTo(400);
        assertThat(running.visit.post(path, finish.formatted("success")).status()).isEqualTo(200);
        assertThat(
                        running.visit
                                .post("/api/v1/session_heartbeat", body("session_id", session))
                                .status())
                .isEqualTo(410);
    }

    @Test
    void telemetryIsAccepted() {
        assertThat(running.visit.post("/api/v1/telemetry", "{\"events\": []}").text())
                .isEqualTo("{\"status\":\"accepted\"}");
    }

    @Test
    void aServerThatCannotStartFreesItsEngineAndLeavesTheOtherAlone() {
        ScriptedEngine second = new ScriptedEngine();
        ServerConfig config = running.config(data);
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> Server.start(config, running.catalog(), second));
        assertThat(second.calls()).containsExactly("close");

        ScriptedEngine third = new ScriptedEngine();
        assertThatExceptionOfType(PortException.class)
                .isThrownBy(() ->
                        Server.start(
                                running.config(data.resolve("other")), running.catalog(), third));
        assertThat(third.calls()).endsWith("close");
        assertThat(running.visit.result(running.step(run, 1, 1e-3)).text()).contains("grad_norm");
    }

    @Test
    void closingDoesNotWaitForThoseWhoWait() throws Exception {
        Visit.Told ahead = running.step(run, 2, 1e-3);
        Thread waiting =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                Visit.Told _ = running.visit.result(ahead);
                            } catch (AssertionError _) {
                                // The connection was closed under it.
                            }
                        });
        Thread.sleep(300);
        Instant before = Instant.now();

        running.server.close();

        assertThat(Duration.between(before, Instant.now())).isLessThan(Duration.ofSeconds(5));
        assertThat(waiting.join(Duration.ofSeconds(5))).isTrue();
        assertThat(running.engine.calls()).endsWith("close");
    }

    private static String body(String name, String value) {
        return "{\"%s\": \"%s\"}".formatted(name, value);
    }
}
