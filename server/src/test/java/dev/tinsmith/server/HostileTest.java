package dev.tinsmith.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever is sent, the answer is a sentence and never our failure.
class HostileTest {
    private static final List<String> BODIES =
            List.of(
                    "",
                    "{",
                    "[]",
                    "null",
                    "3",
                    "\"x\"",
                    "{}",
                    "{\"a\":".repeat(100_000),
                    "[".repeat(100_000),
                    "{\"session_id\": {}, \"model_id\": [], \"seq_id\": \"x\", \"path\": 3}",
                    "{\"session_id\": \"\", \"model_id\": \"\", \"seq_id\": -1, \"path\": \"\"}",
                    "{\"session_id\": null, \"model_id\": null, \"seq_id\": null}",
                    "{\"model_id\": \"../../etc\", \"seq_id\": 1e300, \"path\": \"../x\"}",
                    "{\"model_id\": \"\\u0000\", \"seq_id\": 99999999999999999999, \"path\": \"\\ud800\"}",
                    "{\"session_id\": \"a/b\", \"model_seq_id\": -1, \"base_model\": \"x\", \"sampling_session_seq_id\": -1}",
                    "{\"tinker_path\": \"tinker://../../etc/passwd\"}",
                    "{\"reason\": {}}",
                    "{\"request_id\": \"\"}",
                    "{\"ttl_seconds\": 1e10}");

    @TempDir static Path data;

    private static Running running;

    @BeforeAll
    static void start() {
        running = Running.in(data);
    }

    @AfterAll
    static void close() {
        running.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "client/config",
                "client/dynamic_config",
                "create_session",
                "session_heartbeat",
                "sessions/x/finish",
                "telemetry",
                "create_model",
                "get_info",
                "forward_backward",
                "optim_step",
                "save_weights",
                "save_weights_for_sampler",
                "save_weights_external",
                "load_weights",
                "weights_info",
                "retrieve_future",
                "create_sampling_session",
                "asample"
            })
    void noBodyBreaksAnEndpoint(String endpoint) {
        for (String body : BODIES) {
            assertAnswered(running.visit.post("/api/v1/" + endpoint, body), body);
        }
        Random random = new Random(endpoint.hashCode());
        for (int i = 0; i < 50; i++) {
            byte[] noise = new byte[random.nextInt(200)];
            random.nextBytes(noise);
            assertAnswered(
                    running.visit.post("/api/v1/" + endpoint, noise, "application/json"),
                    Arrays.toString(noise));
        }
    }

    @Test
    void noPassBreaksTheServer() {
        String run = running.run(running.session());
        byte[] whole = Passes.pass(run, 1, 3, 4, 5);
        Random random = new Random(7);
        for (int i = 0; i < 300; i++) {
            byte[] broken = whole.clone();
            broken[random.nextInt(broken.length)] = (byte) random.nextInt(256);
            Visit.Told told = running.send(Arrays.copyOf(broken, 1 + random.nextInt(whole.length)));
            assertAnswered(told, "a broken pass");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/v1/training_runs/..%2f..%2fetc",
                "/api/v1/training_runs/x/checkpoints/weights/..%2fx",
                "/api/v1/training_runs/%20/checkpoints",
                "/api/v1/training_runs/%00",
                "/api/v1/training_runs?limit=-1",
                "/api/v1/training_runs?offset=99999999999999999999",
                "/api/v1/samplers/%20",
                "/api/v1/samplers/a%2fb",
                "/api/v1/sessions/x/trace_export",
                "/files/a/b/c/d?expires=1&signature=x",
                "/files/a/b/..%2f../d",
                "/hf/%2e%2e/%2e%2e/resolve/main/admin.key",
                "/admin.key",
                "//",
                "/api/v1/training_runs/x/checkpoints/external_weights/x/external_weights_urls"
            })
    void noPathBreaksTheServer(String path) {
        assertAnswered(running.visit.get(path), path);
        assertAnswered(running.visit.delete(path), path);
        assertAnswered(running.visit.put(path, "{}"), path);
    }

    private static void assertAnswered(Visit.Told told, String asked) {
        assertThat(told.status()).as("%s: %s", asked, told.text()).isBetween(200, 499);
        assertThat(told.status()).as(asked).isNotEqualTo(409);
        if (told.status() >= 400) {
            assertThat(told.text()).as(asked).startsWith("{\"");
            assertThat(told.header("content-length"))
                    .isEqualTo(Integer.toString(told.text().getBytes(UTF_8).length));
            assertThat(told.text())
                    .as(asked)
                    .doesNotContain("Exception", "dev.tinsmith", "jackson", data.toString());
        }
    }
}
