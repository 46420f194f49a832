package dev.tinsmith.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A server on what another one had on the disk at some instant: what a killed one leaves behind.
class RestartTest {
    @TempDir private Path place;

    private int lives;

    /// The next life of `before`, which goes on as if nothing had happened, but is not heard of
    /// again.
    private Running next(Running before) throws IOException {
        lives++;
        Path data = place.resolve("life" + lives);
        try (Stream<Path> all = Files.walk(before.data)) {
            for (Path path : all.toList()) {
                Path copy = data.resolve(before.data.relativize(path).toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(path, copy);
                }
            }
        }
        before.close();
        return Running.in(data);
    }

    /// Passes and steps under the numbers from `first` to `last`.
    private static List<Visit.Told> train(Running server, String run, int first, int last) {
        List<Visit.Told> asked = new ArrayList<>();
        for (int number = first; number <= last; number++) {
            asked.add(
                    number % 3 == 0
                            ? server.step(run, number, 0.01 * number)
                            : server.pass(run, number, 1, 2, number));
        }
        return asked;
    }

    private static String result(Running server, String id) {
        Visit.Told told =
                server.visit.post(
                        "/api/v1/retrieve_future",
                        "{\"request_id\": \"%s\", \"allow_metadata_only\": false}".formatted(id));
        return told.text().contains("try_again")
                ? result(server, id)
                : HexFormat.of().formatHex(told.bytes());
    }

    @Test
    void workThatWasPromisedIsDoneAfterARestartAsItWouldHaveBeen() throws IOException {
        List<String> expected = new ArrayList<>();
        List<String> found = new ArrayList<>();
        for (boolean restarting : List.of(false, true)) {
            lives++;
            Running server = Running.in(place.resolve("life" + lives));
            String session = server.session();
            String run = server.run(session);
            train(server, run, 1, 7).forEach(server.visit::result);
            server.engine.hold();
            train(server, run, 8, 12);
            if (restarting) {
                server = next(server);
            } else {
                server.engine.releaseAll();
            }
            train(server, run, 13, 15);
            for (int number = 1; number <= 15; number++) {
                (restarting ? found : expected).add(result(server, run + ":" + number));
            }
            server.close();
        }

        assertThat(found).isEqualTo(expected);
    }

    /// The next life of a server that was told to stop.
    private static Running stopped(Running before) {
        before.close();
        return Running.in(before.data);
    }

    @Test
    void aStoppedServerKeepsItsRunsAndGoesOnFromThere() throws IOException {
        Running server = Running.in(place.resolve("life"));
        String run = server.run(server.session());
        train(server, run, 1, 4).forEach(server.visit::result);
        String told = result(server, run + ":4");
        server = stopped(server);
        assertThat(server.engine.calls("open", "resume", "forward")).isEmpty();

        String next = result(server, server.pass(run, 5, 3, 4).field("request_id"));

        assertThat(server.engine.calls("open", "resume", "forward"))
                .containsExactly("resume " + run, "forward_backward " + run);
        assertThat(result(server, run + ":4")).isEqualTo(told);
        assertThat(next).isNotEqualTo(told);
        assertThat(server.pass(run, 4, 1, 2, 4).status())
                .as("the same request again")
                .isEqualTo(200);
        assertThat(server.pass(run, 4, 9).status()).as("another request").isEqualTo(400);
        server.close();
    }

    @Test
    void aDamagedSnapshotIsNamedAndTheRunIsRebuiltFromTheOneBefore() throws IOException {
        Running server = Running.in(place.resolve("life"));
        String run = server.run(server.session());
        train(server, run, 1, 4).forEach(server.visit::result);
        server = stopped(server);
        damage(server.data.resolve("runs"));
        String refused = server.visit.result(server.pass(run, 5, 3, 4)).text();
        assertThat(refused).contains("damaged").contains("restart");
        server = stopped(server);

        assertThat(server.visit.result(server.pass(run, 6, 3, 4)).status()).isEqualTo(200);
        assertThat(server.engine.calls("open")).hasSize(1);
        server.close();
    }

    private static void damage(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                byte[] bytes = Files.readAllBytes(file);
                bytes[bytes.length - 1] ^= 1;
                Files.write(file, bytes);
            }
        }
    }

    @Test
    void samplersAndWhatTheyDrewSurvive() throws IOException {
        Running server = Running.in(place.resolve("life"));
        String session = server.session();
        String run = server.run(session);
        String ofBase = server.sampler(session, 0);
        String drawn = result(server, server.sample(ofBase, 0, "").field("request_id"));
        Visit.Told saved =
                server.visit.post(
                        "/api/v1/save_weights_for_sampler",
                        "{\"model_id\": \"%s\", \"seq_id\": 1, \"sampling_session_seq_id\": 1}"
                                .formatted(run));
        String unnamed = server.visit.result(saved).field("sampling_session_id");
        String tuned = result(server, server.sample(unnamed, 0, "").field("request_id"));
        server = next(server);

        assertThat(result(server, ofBase + ":0")).isEqualTo(drawn);
        assertThat(result(server, server.sample(ofBase, 0, "").field("request_id")))
                .as("asked again")
                .isEqualTo(drawn);
        assertThat(result(server, server.sample(ofBase, 1, "").field("request_id")))
                .as("with the same seed")
                .isEqualTo(drawn);
        assertThat(result(server, server.sample(unnamed, 1, "").field("request_id")))
                .isEqualTo(tuned);
        server.close();
    }

    @Test
    void aSaveIsNotDoneAgainAndItsNumberIsNotFree() throws IOException {
        Running server = Running.in(place.resolve("life"));
        String session = server.session();
        String run = server.run(session);
        String saved = result(server, server.save("save_weights", run, 1, "a").field("request_id"));
        assertThat(server.step(run, 2, -1).status()).as("a refusal").isEqualTo(400);
        server = next(server);

        assertThat(result(server, run + ":1")).isEqualTo(saved);
        assertThat(server.visit.result(server.step(run, 3, 0.1)).text()).contains("grad_norm");
        assertThat(server.engine.calls("save")).isEmpty();
        assertThat(
                        server.visit
                                .post(
                                        "/api/v1/session_heartbeat",
                                        "{\"session_id\": \"%s\"}".formatted(session))
                                .status())
                .isEqualTo(200);
        server.close();
    }

    @Test
    void whatWasLoadedIsKeptBeforeItIsToldAndNotLoadedAgain() throws IOException {
        Running server = Running.in(place.resolve("life"));
        String run = server.run(server.session());
        train(server, run, 1, 3).forEach(server.visit::result);
        server.visit.result(server.save("save_weights", run, 4, "a"));
        Visit.Told load =
                server.visit.post(
                        "/api/v1/load_weights",
                        "{\"model_id\": \"%s\", \"seq_id\": 5, \"path\": \"tinker://%s/weights/a\", \"optimizer\": true}"
                                .formatted(run, run));
        String loaded = result(server, load.field("request_id"));
        String after = result(server, server.pass(run, 6, 3, 4).field("request_id"));
        server = next(server);

        assertThat(server.visit.result(server.step(run, 7, 0.1)).text()).contains("grad_norm");
        assertThat(result(server, run + ":5")).isEqualTo(loaded);
        assertThat(result(server, run + ":6")).isEqualTo(after);
        assertThat(server.engine.calls("load ten", "load s", "load " + run)).isEmpty();
        assertThat(server.engine.calls("resume", "forward", "optim"))
                .containsExactly("resume " + run, "forward_backward " + run, "optim_step " + run);
        server.close();
    }
}
