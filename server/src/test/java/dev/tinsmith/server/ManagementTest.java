package dev.tinsmith.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Keys, sessions and checkpoints through the open port.
class ManagementTest {
    @TempDir private Path data;

    private Running running;
    private Visit visit;

    @BeforeEach
    void start() {
        running = Running.in(data);
        visit = running.visit;
    }

    @AfterEach
    void close() {
        running.close();
    }

    private String session(String name, String metadata) {
        return visit.post(
                        "/api/v1/create_session",
                        "{\"tags\": [\"a\"], \"user_metadata\": %s, \"display_name\": \"%s\"}"
                                .formatted(metadata, name))
                .field("session_id");
    }

    private String search(String asked) {
        return visit.post("/api/v1/sessions/search", asked).text();
    }

    private String refusal(Visit.Told told, int status) {
        assertThat(told.status()).as(told.text()).isEqualTo(status);
        return told.text();
    }

    /// The address of a checkpoint of a fresh run.
    private String checkpoint() {
        String run = running.run(running.session());
        visit.result(running.save("save_weights", run, 1, "kept"));
        return "/api/v1/training_runs/" + run + "/checkpoints/weights/kept";
    }

    @Test
    void aTokenOpensWhatItsKeyOpens() {
        assertThat(visit.post("/api/v1/client/config", "{}").text())
                .contains("\"pjwt_auth_enabled\":true");
        String token = visit.post("/api/v1/auth/token", "{}").field("jwt");
        try (Visit bearer = running.visit(token);
                Visit forger = running.visit(token + "x")) {
            assertThat(bearer.get("/api/v1/training_runs").status()).isEqualTo(200);
            Visit.Told told = forger.get("/api/v1/training_runs");
            assertThat(refusal(told, 401)).contains("auth/token");
            assertThat(told.header("WWW-Authenticate")).contains("error=\"invalid_token\"");
        }
    }

    @Test
    void theAdministratorsKeyIsNotDeletedByARequest() {
        assertThat(visit.get("/api/v1/auth/apikey/me").text()).contains("\"name\":\"admin\"");
        assertThat(refusal(visit.delete("/api/v1/auth/apikey/me"), 403)).contains("admin.key");
    }

    @Test
    void aSessionTellsWhatItMade() {
        String session = session("Nightly run", "{\"team\": \"red\", \"n\": 3}");
        String run = running.run(session);
        String sampler = running.sampler(session, 0);
        assertThat(visit.get("/api/v1/sessions/" + session).text())
                .contains(run, sampler, "Nightly run", "\"team\":\"red\"", "\"n\":\"3\"");
        assertThat(visit.get("/api/v1/sessions?limit=1").text()).contains(session);
        assertThat(visit.get("/api/v1/sessions?offset=1").text()).isEqualTo("{\"sessions\":[]}");
        assertThat(refusal(visit.get("/api/v1/sessions/none"), 404)).contains("'none'");
        assertThat(refusal(visit.get("/api/v1/sessions?access_scope=all"), 400))
                .contains("owned", "accessible");
    }

    @Test
    void sessionsAreFoundByWhatIsKnownOfThem() {
        String red = session("Nightly Red run", "{\"team\": \"red\"}");
        String blue = session("nightly blue", "{\"team\": \"blue\"}");
        visit.post(
                "/api/v1/sessions/" + red + "/finish",
                "{\"reason\":{\"type\":\"errored\"},\"detail\":\"why\"}");
        visit.post("/api/v1/sessions/" + red + "/finish", "{\"reason\":{\"type\":\"success\"}}");

        assertThat(search("{}")).contains(red, blue);
        assertThat(search("{\"display_name\": \"RED night\"}")).contains(red).doesNotContain(blue);
        assertThat(search("{\"display_name\": \"red\", \"session_id\": \"%s\"}".formatted(blue)))
                .contains(red, blue);
        assertThat(search("{\"user_metadata\": {\"team\": \"blue\"}}"))
                .contains(blue)
                .doesNotContain(red);
        assertThat(search("{\"statuses\": [{\"type\": \"active\"}]}"))
                .contains(blue)
                .doesNotContain(red);
        assertThat(
                        search(
                                "{\"statuses\": [{\"type\": \"client_finished\", \"reasons\": [\"errored\"]}]}"))
                .contains(red, "\"detail\":\"why\"")
                .doesNotContain(blue);
        assertThat(
                        search(
                                "{\"statuses\": [{\"type\": \"client_finished\", \"reasons\": [\"success\"]}]}"))
                .doesNotContain(red);
        assertThat(search("{\"owner\": {\"type\": \"user\", \"owner_urns\": [\"nobody\"]}}"))
                .isEqualTo("{\"sessions\":[]}");
        assertThat(search("{\"project_ids\": [\"default\"]}")).contains(red, blue);
    }

    @Test
    void aSearchGoesOnWhereItsPageEnded() {
        String older = session("one", "{}");
        String newer = session("two", "{}");
        Visit.Told first = visit.post("/api/v1/sessions/search", "{\"limit\": 1}");
        assertThat(first.text()).contains(newer).doesNotContain(older);
        String cursor = first.text().replaceFirst(".*\"next_cursor\":", "").replaceFirst("}$", "");
        assertThat(search("{\"limit\": 1, \"cursor\": %s}".formatted(cursor)))
                .contains(older)
                .doesNotContain(newer, "next_cursor");
    }

    @Test
    void aSearchThatMakesNoSenseIsRefusedByName() {
        assertThat(search("{\"limit\": 0}")).contains("limit is 0", "1 to 200");
        assertThat(search("{\"statuses\": []}")).contains("statuses is empty");
        assertThat(search("{\"statuses\": [{\"type\": \"lost\"}]}")).contains("'lost'", "active");
        assertThat(search("{\"statuses\": [{\"type\": \"active\", \"reasons\": [\"errored\"]}]}"))
                .contains("client_finished");
        assertThat(search("{\"owner\": {\"type\": \"user\"}}")).contains("owner_urns");
        assertThat(search("{\"project_ids\": [\"other\"]}")).contains("'other'", "default");
        assertThat(search("{\"colour\": \"red\"}")).contains("colour");
    }

    @Test
    void thereIsOneProject() {
        String session = session("x", "{}");
        String place = "/api/v1/sessions/" + session + "/project";
        assertThat(visit.put(place, "{\"project_id\": \"default\"}").status()).isEqualTo(200);
        assertThat(refusal(visit.put(place, "{\"project_id\": \"mine\"}"), 404))
                .contains("'mine'", "'default'");
        assertThat(
                        refusal(
                                visit.post(
                                        "/api/v1/create_session",
                                        "{\"tags\": [], \"user_metadata\": {}, \"project_id\": \"mine\"}"),
                                404))
                .contains("TINKER_PROJECT_ID");
    }

    @Test
    void publishingTwiceIsPublishingOnce() {
        String place = checkpoint();
        for (int i = 0; i < 2; i++) {
            assertThat(visit.post(place + "/publish", "").status()).isEqualTo(200);
        }
        assertThat(visit.get("/api/v1/checkpoints").text()).contains("\"public\":true");
        for (int i = 0; i < 2; i++) {
            assertThat(visit.delete(place + "/publish").status()).isEqualTo(200);
        }
        assertThat(visit.get("/api/v1/checkpoints").text()).contains("\"public\":false");
        assertThat(refusal(visit.post(place + "x/publish", ""), 404)).contains("keptx");
    }

    @Test
    void aCopyLivesOnWithoutItsSource() {
        String place = checkpoint();
        String run = place.split("/", -1)[4];
        String asked =
                "{\"source_path\": \"tinker://%s/weights/kept\", \"destination_project_id\": \"default\", \"ttl_seconds\": 7200}"
                        .formatted(run);
        String copy = visit.post("/api/v1/copy_weights", asked).field("tinker_path");
        assertThat(copy)
                .startsWith("tinker://")
                .endsWith(":copy:0/weights/kept")
                .doesNotContain(run);
        assertThat(visit.delete(place).status()).isEqualTo(200);
        assertThat(visit.get("/api/v1/checkpoints").text()).contains(copy, "expires_at");
        String session = running.session();
        Visit.Told resumed =
                visit.result(
                        visit.post(
                                "/api/v1/load_weights",
                                "{\"session_id\": \"%s\", \"model_seq_id\": 0, \"path\": \"%s\", \"optimizer\": true}"
                                        .formatted(session, copy)));
        assertThat(resumed.text()).contains(session + ":train:0");
        String copied = copy.replace("tinker://", "").replace("/weights/kept", "");
        assertThat(refusal(running.step(copied, 1, 1e-3), 404)).contains(copied);
        assertThat(visit.get("/api/v1/training_runs/" + copied).text()).contains("last_checkpoint");
    }

    @Test
    void aCopyMayHaveAPlaceInASessionAsOlderClientsWishIt() {
        String run = checkpoint().split("/", -1)[4];
        String session = running.session();
        String asked =
                "{\"source_path\": \"tinker://%s/weights/kept\", \"session_id\": \"%s\", \"model_seq_id\": 4}"
                        .formatted(run, session);
        String copy = visit.post("/api/v1/copy_weights", asked).field("tinker_path");
        assertThat(copy).isEqualTo("tinker://%s:copy:4/weights/kept".formatted(session));
        assertThat(visit.post("/api/v1/copy_weights", asked).field("tinker_path")).isEqualTo(copy);
        assertThat(visit.get("/api/v1/sessions/" + session).text()).contains(session + ":copy:4");
    }

    @Test
    void aCopyGoesWhereItCanAndIsRefusedByNameWhereItCannot() {
        String run = checkpoint().split("/", -1)[4];
        String asked = "{\"source_path\": \"tinker://%s/weights/%s\", %s}";
        assertThat(
                        refusal(
                                visit.post(
                                        "/api/v1/copy_weights",
                                        asked.formatted(
                                                run, "kept", "\"destination_project_id\": \"p\"")),
                                404))
                .contains("destination_project_id is 'p'", "'default'");
        assertThat(
                        refusal(
                                visit.post(
                                        "/api/v1/copy_weights",
                                        asked.formatted(run, "kept", "\"session_id\": \"s\"")),
                                400))
                .contains("session_id");
        assertThat(
                        refusal(
                                visit.post(
                                        "/api/v1/copy_weights",
                                        asked.formatted(run, "none", "\"ttl_seconds\": 7200")),
                                404))
                .contains("source_path", "none");
        assertThat(
                        refusal(
                                visit.post(
                                        "/api/v1/copy_weights",
                                        asked.formatted(run, "kept", "\"ttl_seconds\": 60")),
                                400))
                .contains("ttl_seconds is 60", "3600");
    }
}
