package dev.tinsmith.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinsmith.protocol.Rest;
import dev.tinsmith.protocol.codec.Json;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Checkpoints through the open port.
class SavingTest {
    @TempDir Path data;

    private Running running;
    private String session;
    private String run;

    @BeforeEach
    void start() {
        running = Running.in(data);
        session = running.session();
        run = running.run(session);
        running.visit.result(running.pass(run, 1, 3, 4));
    }

    @AfterEach
    void close() {
        running.close();
    }

    @Test
    void aSavedRunIsListedAndDescribed() {
        String path = saved("save_weights", 2, "first");

        assertThat(path).isEqualTo("tinker://%s/weights/first".formatted(run));
        assertThat(running.visit.get("/api/v1/checkpoints").text())
                .contains("\"checkpoint_id\":\"weights/first\"", "\"total_count\":1");
        assertThat(running.visit.get("/api/v1/training_runs/" + run).text())
                .contains(
                        "\"base_model\":\"org/tiny\"", "\"last_checkpoint\":{", "\"lora_rank\":8");
        assertThat(running.visit.get("/api/v1/training_runs/%s/checkpoints".formatted(run)).text())
                .contains("\"tinker_path\":\"%s\"".formatted(path));
        assertThat(
                        running.visit
                                .post(
                                        "/api/v1/weights_info",
                                        "{\"tinker_path\": \"%s\"}".formatted(path))
                                .text())
                .contains("\"lora_rank\":8", "\"train_mlp\":true");
    }

    @Test
    void aTakenNameFailsUnlessItMayBeOverwritten() {
        saved("save_weights", 2, "first");

        assertThat(running.visit.result(running.save("save_weights", run, 3, "first")).text())
                .contains("\"category\":\"user\"", "exists already");
        Visit.Told over =
                running.visit.post(
                        "/api/v1/save_weights",
                        "{\"model_id\": \"%s\", \"seq_id\": 4, \"path\": \"first\", \"overwrite\": true}"
                                .formatted(run));
        assertThat(running.visit.result(over).text()).contains("/weights/first");
    }

    @Test
    void aSaveSentTwiceIsNoClash() {
        Visit.Told first = running.save("save_weights", run, 2, "first");
        running.visit.result(first);

        assertThat(running.visit.result(running.save("save_weights", run, 2, "first")).text())
                .isEqualTo(running.visit.result(first).text());
    }

    @Test
    void aTimeToLiveHasBounds() {
        saved("save_weights", 2, "first");
        String ttl = "/api/v1/training_runs/%s/checkpoints/weights/first/ttl".formatted(run);

        assertThat(running.visit.put(ttl, "{\"ttl_seconds\": 3600}").status()).isEqualTo(200);
        assertThat(running.visit.get("/api/v1/checkpoints").text()).contains("\"expires_at\":");
        assertThat(running.visit.put(ttl, "{\"ttl_seconds\": null}").status()).isEqualTo(200);
        assertThat(running.visit.get("/api/v1/checkpoints").text()).doesNotContain("expires_at");
        assertThat(running.visit.put(ttl, "{\"ttl_seconds\": 3599}").text())
                .contains("ttl_seconds is 3599; it must be 3600");
        assertThat(
                        running.visit
                                .put(ttl.replace("first", "second"), "{\"ttl_seconds\": 3600}")
                                .status())
                .isEqualTo(404);
    }

    @Test
    void whatIsDeletedIsGone() {
        saved("save_weights", 2, "first");
        String path = "/api/v1/training_runs/%s/checkpoints/weights/first".formatted(run);

        assertThat(running.visit.delete(path).status()).isEqualTo(200);
        assertThat(running.visit.delete(path).status()).isEqualTo(404);
        assertThat(running.visit.delete(path.replace("weights/", "models/")).status())
                .isEqualTo(400);
    }

    @Test
    void pagesAreCutAsAsked() {
        saved("save_weights", 2, "a");
        saved("save_weights", 3, "b");

        assertThat(running.visit.get("/api/v1/checkpoints?limit=1&offset=1").text())
                .contains("weights/a", "{\"offset\":1,\"limit\":1,\"total_count\":2}")
                .doesNotContain("weights/b");
        assertThat(running.visit.get("/api/v1/training_runs?limit=x").text())
                .contains("limit is 'x'; it must be 0 to 1000");
        assertThat(running.visit.get("/api/v1/training_runs?access_scope=all").status())
                .isEqualTo(400);
    }

    @Test
    void aRunGoesOnFromACheckpointWithOrWithoutItsOptimizer() {
        String path = saved("save_weights", 2, "first");

        for (int i = 1; i <= 2; i++) {
            Visit.Told made =
                    running.visit.post(
                            "/api/v1/load_weights",
                            "{\"session_id\": \"%s\", \"model_seq_id\": %d, \"path\": \"%s\", \"optimizer\": %s}"
                                    .formatted(session, i, path, i == 1));
            assertThat(running.visit.result(made).field("model_id"))
                    .isEqualTo("%s:train:%d".formatted(session, i));
            Visit.Told step = running.step("%s:train:%d".formatted(session, i), 1, 1e-3);
            assertThat(running.visit.result(step).text()).contains("grad_norm");
        }
    }

    @Test
    void aRunIsTakenBackToACheckpoint() {
        String path = saved("save_weights", 2, "first");

        Visit.Told loaded = load(3, path);
        assertThat(running.visit.result(loaded).field("path")).isEqualTo(path);
        assertThat(load(4, path.replace("first", "second")).status()).isEqualTo(404);
        assertThat(load(6, saved("save_weights_for_sampler", 5, "s")).text())
                .contains("which training cannot go on from");
    }

    @Test
    void samplesAreDrawnFromASavedSampler() {
        String path = saved("save_weights_for_sampler", 2, "s");
        Visit.Told opened = sampler("\"model_path\": \"%s\"".formatted(path));
        String sampler = opened.field("sampling_session_id");

        assertThat(sampler).isEqualTo(session + ":sample:7");
        assertThat(running.visit.get("/api/v1/samplers/" + sampler).text())
                .contains("\"base_model\":\"org/tiny\"", "\"model_path\":\"%s\"".formatted(path));
        assertThat(running.visit.result(running.sample(sampler, 0, "")).header("content-type"))
                .isEqualTo("application/x-protobuf");
    }

    @Test
    void trainingWeightsAreNoSamplerAndTheRefusalNamesThoseThereAre() {
        String training = saved("save_weights", 2, "t");
        String sampler = saved("save_weights_for_sampler", 3, "s");

        Visit.Told told = sampler("\"model_path\": \"%s\"".formatted(training));

        assertThat(told.status()).isEqualTo(400);
        assertThat(told.text()).contains("save_weights_for_sampler", sampler);
        assertThat(sampler("\"x\": 1").text())
                .contains("base_model and model_path are both missing");
    }

    @Test
    void anUnnamedSamplerIsMadeWithinTheSession() {
        Visit.Told saved =
                running.visit.post(
                        "/api/v1/save_weights_for_sampler",
                        "{\"model_id\": \"%s\", \"seq_id\": 2, \"sampling_session_seq_id\": 3, \"kind\": \"snapshot\"}"
                                .formatted(run));

        String sampler = running.visit.result(saved).field("sampling_session_id");
        assertThat(sampler).isEqualTo(session + ":sample:3");
        assertThat(running.visit.result(running.sample(sampler, 0, "")).status()).isEqualTo(200);
        Visit.Told odd =
                running.visit.post(
                        "/api/v1/save_weights_for_sampler",
                        "{\"model_id\": \"%s\", \"seq_id\": 3, \"sampling_session_seq_id\": 4, \"kind\": \"odd\"}"
                                .formatted(run));
        assertThat(odd.text()).contains("kind is 'odd'; it must be one of [snapshot, inflight]");
    }

    @Test
    void exportedFilesAreFetchedWithoutAKeyByTheAddressesThatWereGivenOut() {
        saved("save_weights_external", 2, "x");

        Rest.DownloadUrls given =
                Json.read(
                        running.visit
                                .get(
                                        "/api/v1/training_runs/%s/checkpoints/external_weights/x/external_weights_urls"
                                                .formatted(run))
                                .bytes(),
                        Rest.DownloadUrls.class);

        assertThat(given.expires()).isAfter(Instant.now().plusSeconds(3000));
        assertThat(given.urls())
                .containsOnlyKeys("adapter_config.json", "adapter_model.safetensors");
        String url = given.urls().firstEntry().getValue();
        Visit.Told file = running.visit.fetch(url);
        assertThat(file.status()).isEqualTo(200);
        assertThat(file.text()).contains("\"r\"");
        assertThat(file.header("content-length")).isEqualTo(Integer.toString(file.bytes().length));
        assertThat(
                        running.visit
                                .fetch(
                                        url.replace(
                                                "adapter_config.json", "adapter_model.safetensors"))
                                .status())
                .isEqualTo(403);
        assertThat(running.visit.fetch(url.substring(0, url.indexOf('?'))).status()).isEqualTo(403);
    }

    @Test
    void aCheckpointOfAnyKindGoesOutInOneFileToWhoeverHasItsAddress() {
        saved("save_weights", 2, "x");
        saved("save_weights_for_sampler", 3, "x");
        saved("save_weights_external", 4, "x");
        for (String kind : List.of("weights", "sampler_weights", "external_weights")) {
            Visit.Told given =
                    running.visit.get(
                            "/api/v1/training_runs/%s/checkpoints/%s/x/archive"
                                    .formatted(run, kind));

            assertThat(given.status()).isEqualTo(302);
            assertThat(given.header("expires")).matches("\\w{3}, \\d\\d \\w{3} .* GMT");
            Visit.Told file = running.visit.fetch(given.header("location"));
            assertThat(file.status()).isEqualTo(200);
            assertThat(file.bytes().length % 512).isZero();
            assertThat(file.text())
                    .startsWith("adapter_config.json\0")
                    .contains("ustar\00000", "\"r\"", "checkpoint_complete\0");
            String unsigned = given.header("location").replaceFirst("[?].*", "");
            assertThat(running.visit.fetch(unsigned).status()).isEqualTo(403);
        }
    }

    @Test
    void aReaderWhoIsNoneIsRefusedByName() {
        assertThat(
                        running.visit
                                .post(
                                        "/api/v1/save_weights_external",
                                        "{\"model_id\": \"%s\", \"seq_id\": 2, \"path\": \"x\", \"age_encryption_recipients\": [\"age1nobody\"]}"
                                                .formatted(run))
                                .text())
                .contains("'age1nobody' is no age recipient");
    }

    @Test
    void encryptedWeightsAreFetchedEncryptedAndNothingElse() {
        String path =
                running.visit
                        .result(
                                running.visit.post(
                                        "/api/v1/save_weights_external",
                                        "{\"model_id\": \"%s\", \"seq_id\": 2, \"path\": \"x\", \"age_encryption_recipients\": [\"age1pma8txctfpty74tg3ys0sr33s8na8twx6rfp75vrnn4n36h6as2ql9zjmz\"]}"
                                                .formatted(run)))
                        .field("path");

        assertThat(path).contains("external_weights/x");
        assertThat(
                        running.visit
                                .get(
                                        "/api/v1/training_runs/%s/checkpoints/external_weights/x/external_weights_urls"
                                                .formatted(run))
                                .text())
                .contains("adapter_config.json.age", "adapter_model.safetensors.age")
                .doesNotContain("adapter_config.json?");
    }

    @Test
    void checkpointsOutliveTheServer() {
        saved("save_weights", 2, "first");
        running.close();
        running = Running.in(data);

        assertThat(running.visit.get("/api/v1/training_runs/" + run).text())
                .contains("\"checkpoint_id\":\"weights/first\"");
        Visit.Told made =
                running.visit.post(
                        "/api/v1/load_weights",
                        "{\"session_id\": \"%s\", \"model_seq_id\": 0, \"path\": \"tinker://%s/weights/first\", \"optimizer\": true}"
                                .formatted(running.session(), run));
        assertThat(running.visit.result(made).field("path")).endsWith("/weights/first");
    }

    private String saved(String endpoint, int sequence, String name) {
        return running.visit.result(running.save(endpoint, run, sequence, name)).field("path");
    }

    private Visit.Told load(int sequence, String path) {
        return running.visit.post(
                "/api/v1/load_weights",
                "{\"model_id\": \"%s\", \"seq_id\": %d, \"path\": \"%s\", \"optimizer\": false}"
                        .formatted(run, sequence, path));
    }

    private Visit.Told sampler(String of) {
        return running.visit.post(
                "/api/v1/create_sampling_session",
                "{\"session_id\": \"%s\", \"sampling_session_seq_id\": 7, %s}"
                        .formatted(session, of));
    }
}
