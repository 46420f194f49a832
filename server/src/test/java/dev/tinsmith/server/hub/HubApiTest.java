package dev.tinsmith.server.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinsmith.server.http.Http;
import dev.tinsmith.server.http.Limits;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HubApiTest {
    @TempDir Path data;

    private final HttpClient client = HttpClient.newHttpClient();
    private Http http;

    @BeforeEach
    void listen() throws IOException {
        Path folder = Files.createDirectories(data.resolve("models/org--tiny"));
        Files.writeString(folder.resolve("config.json"), "{}");
        Files.writeString(folder.resolve("tokenizer.json"), "{\"a\": 1}");
        Files.writeString(folder.resolve("model.safetensors"), "weights");
        Files.writeString(folder.resolve("tinsmith.json"), "ours");
        Files.writeString(data.resolve("admin.key"), "tml-secret");
        HubApi hub =
                new HubApi(name ->
                        Optional.ofNullable(Map.of("org/tiny", folder, "tiny", folder).get(name)));
        http =
                Http.listen(
                        "127.0.0.1",
                        0,
                        new Limits(1000, Duration.ofSeconds(30)),
                        hub.routes(),
                        _ -> Optional.empty(),
                        (_, _, _, _, _) -> {});
    }

    @AfterEach
    void close() {
        http.close();
        client.close();
    }

    @Test
    void aFileIsFoundWithItsGitIdAndTheCommit() throws Exception {
        HttpResponse<String> reply = get("/hf/org/tiny/resolve/main/config.json");

        assertThat(reply.statusCode()).isEqualTo(200);
        assertThat(reply.body()).isEqualTo("{}");
        assertThat(header(reply, "content-length")).isEqualTo("2");
        assertThat(header(reply, "etag")).isEqualTo("\"9e26dfeeb6e641a33dae4961196235bdb965b21b\"");
        assertThat(header(reply, "x-repo-commit")).matches("[0-9a-f]{40}");
    }

    @Test
    void theHeadOfAFileSaysTheSameWithoutIt() throws Exception {
        HttpResponse<String> reply =
                client.send(
                        HttpRequest.newBuilder(at("/hf/tiny/resolve/main/config.json"))
                                .HEAD()
                                .build(),
                        BodyHandlers.ofString());

        assertThat(reply.body()).isEmpty();
        assertThat(header(reply, "content-length")).isEqualTo("2");
        assertThat(header(reply, "x-repo-commit")).matches("[0-9a-f]{40}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "model.safetensors",
                "tinsmith.json",
                "generation_config.json",
                "sub/config.json",
                "..%2f..%2fadmin.key",
                "../../admin.key",
                "config.json%00",
                "/etc/passwd"
            })
    void nothingElseIsGivenOut(String file) throws Exception {
        HttpResponse<String> reply = get("/hf/org/tiny/resolve/main/" + file);

        assertThat(reply.statusCode()).isIn(400, 404);
        assertThat(reply.body()).doesNotContain("weights\"", "tml-", "root:");
    }

    @Test
    void aMissingFileAndAMissingModelAreToldApart() throws Exception {
        assertThat(header(get("/hf/org/tiny/resolve/main/generation_config.json"), "x-error-code"))
                .isEqualTo("EntryNotFound");
        assertThat(header(get("/hf/org/other/resolve/main/config.json"), "x-error-code"))
                .isEqualTo("RepoNotFound");
        assertThat(header(get("/hf/api/models/org/other"), "x-error-code"))
                .isEqualTo("RepoNotFound");
    }

    @Test
    void aModelIsListedWithoutItsWeights() throws Exception {
        String model = get("/hf/api/models/org/tiny/revision/main").body();

        assertThat(model)
                .contains("\"id\":\"org/tiny\"")
                .contains("{\"rfilename\":\"config.json\"},{\"rfilename\":\"tokenizer.json\"}")
                .doesNotContain("safetensors");
        assertThat(get("/hf/api/models/org/tiny").body()).isEqualTo(model);
        assertThat(get("/hf/api/models/org/tiny/tree/main?recursive=true").body())
                .startsWith(
                        "[{\"type\":\"file\",\"path\":\"config.json\",\"size\":2,\"oid\":\"9e26");
        assertThat(
                        header(
                                get("/hf/api/models/org/tiny/tree/main/additional_chat_templates"),
                                "x-error-code"))
                .isEqualTo("EntryNotFound");
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(at(path)).build(), BodyHandlers.ofString());
    }

    private URI at(String path) {
        return URI.create("http://127.0.0.1:%d%s".formatted(http.port(), path));
    }

    private static String header(HttpResponse<?> reply, String name) {
        return reply.headers().firstValue(name).orElse("none");
    }
}
