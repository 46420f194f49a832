package dev.tinsmith.models.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HubClientTest {
    private static final HubRepo TINY = new HubRepo("acme", "tiny", "main");
    private static final byte[] WEIGHTS = weights(1000);

    @TempDir Path folder;

    private final RecordingSleeper sleeper = new RecordingSleeper();
    private final FakeHub hub =
            new FakeHub().file("config.json", "{}").file("model.safetensors", WEIGHTS);

    @AfterEach
    void close() {
        hub.close();
    }

    @Test
    void everyFileArrivesAndNothingElse() throws IOException {
        download();

        assertThat(names()).containsExactly("config.json", "model.safetensors");
        assertThat(folder.resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
        assertThat(sleeper.seconds()).isEmpty();
    }

    @Test
    void onlyWhatMakesAModelIsAskedFor() throws IOException {
        hub.file("pytorch_model.bin", "x")
                .file("modeling.py", "x")
                .file("README.md", "x")
                .file(".gitattributes", "x")
                .file("onnx/model.json", "x")
                .file("consolidated.safetensors", "x")
                .file("model-00001-of-00002.safetensors", "x")
                .file("merges.txt", "m")
                .file("tokenizer.model", "t")
                .file("chat_template.jinja", "j")
                .file("empty.txt", "");

        download();

        assertThat(names())
                .containsExactly(
                        "chat_template.jinja",
                        "config.json",
                        "empty.txt",
                        "merges.txt",
                        "model.safetensors",
                        "tokenizer.model");
        assertThat(folder.resolve("empty.txt")).isEmptyFile();
    }

    @Test
    void theTokenIsShownToTheHubAndToNobodyElse() throws IOException {
        download();

        assertThat(hub.asked())
                .containsExactly(
                        "hub /api/models/acme/tiny/revision/main?blobs=true Bearer secret",
                        "hub /acme/tiny/resolve/%s/config.json Bearer secret"
                                .formatted(FakeHub.COMMIT),
                        "hub /acme/tiny/resolve/%s/model.safetensors Bearer secret"
                                .formatted(FakeHub.COMMIT),
                        "cdn /model.safetensors");
    }

    @Test
    void aBranchWithASlashIsOneWord() {
        client().list(new HubRepo("acme", "tiny", "refs/pr/1"));
        assertThat(hub.asked().getFirst()).contains("/revision/refs%2Fpr%2F1?");
    }

    @Test
    void aDownloadThatBreaksOffIsResumed() throws IOException {
        hub.then(FakeHub.none(), FakeHub.none(), FakeHub.cutAfter(400));

        download();

        assertThat(folder.resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
        assertThat(hub.asked()).contains("cdn /model.safetensors bytes=400-");
        assertThat(sleeper.seconds()).containsExactly(1L);
    }

    @Test
    void aDownloadThatWasGivenUpIsResumedByTheNextCall() throws IOException {
        hub.then(FakeHub.none(), FakeHub.none(), FakeHub.cutAfter(400));
        for (int i = 0; i < 5; i++) {
            hub.then(FakeHub.status(503));
        }
        refuses(this::download, "the Hub fails to give model.safetensors (status 503)");
        assertThat(names()).containsExactly("config.json", "model.safetensors.part");
        assertThat(client().list(TINY).missing(folder)).isEqualTo(600);
        int before = hub.asked().size();

        download();

        assertThat(folder.resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
        assertThat(hub.asked().subList(before, hub.asked().size()))
                .noneMatch(request -> request.contains("config.json"))
                .contains("cdn /model.safetensors bytes=400-");
    }

    @Test
    void everyPauseIsTwiceTheOneBeforeUntilSomethingComes() throws IOException {
        hub.then(FakeHub.none(), FakeHub.none());
        hub.then(FakeHub.status(500), FakeHub.status(502), FakeHub.status(503));
        hub.then(FakeHub.cutAfter(10), FakeHub.status(504));

        download();

        assertThat(sleeper.seconds()).containsExactly(1L, 2L, 4L, 1L, 2L);
    }

    @Test
    void theHubMaySayHowLongToWaitWithinReason() throws IOException {
        hub.then(FakeHub.status(429, "Retry-After", "7"));
        hub.then(FakeHub.status(429, "Retry-After", "100000"));
        hub.then(FakeHub.status(503, "Retry-After", "Tue, 24 Nov 2026 12:00:00 GMT"));

        download();

        assertThat(sleeper.seconds()).containsExactly(7L, 120L, 4L);
    }

    @Test
    void aServerThatIgnoresTheRangeStartsAnew() throws IOException {
        hub.then(FakeHub.none(), FakeHub.none(), FakeHub.cutAfter(400));
        hub.then((exchange, right) -> {
            exchange.sendResponseHeaders(200, right.length);
            exchange.getResponseBody().write(right);
            return true;
        });

        download();

        assertThat(folder.resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    }

    @Test
    void aPartThatIsTooLongIsThrownAway() throws IOException {
        Files.write(folder.resolve("model.safetensors.part"), weights(1001));
        download();
        assertThat(folder.resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    }

    @Test
    void aRangeThatIsRefusedStartsAnew() throws IOException {
        hub.withoutBlobs();
        Files.write(folder.resolve("model.safetensors.part"), weights(1001));
        download();
        assertThat(folder.resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    }

    @Test
    void aPartThatIsWholeIsVerifiedAndNotAskedForAgain() throws IOException {
        Files.write(folder.resolve("model.safetensors.part"), WEIGHTS);
        download();
        assertThat(names()).containsExactly("config.json", "model.safetensors");
        assertThat(hub.asked()).noneMatch(request -> request.startsWith("cdn"));
    }

    @Test
    void aLargeFileWithOtherBytesIsRemoved() {
        hub.then(FakeHub.none(), FakeHub.none(), FakeHub.spoilt());
        refuses(this::download, "model.safetensors of acme/tiny came with other bytes");
        assertThat(names()).containsExactly("config.json");
    }

    @Test
    void aSmallFileWithOtherBytesIsRemoved() {
        hub.then(FakeHub.none(), FakeHub.spoilt());
        refuses(this::download, "config.json of acme/tiny came with other bytes");
        assertThat(names()).isEmpty();
    }

    @Test
    void withoutAListingOfHashesTheTagsOfTheFilesCount() {
        hub.withoutBlobs().then(FakeHub.none(), FakeHub.none(), FakeHub.spoilt());
        refuses(this::download, "model.safetensors of acme/tiny came with other bytes");
    }

    @Test
    void withoutAnyHashTheSizeIsAllThereIs() throws IOException {
        hub.withoutBlobs().withoutEtags();
        download();
        assertThat(folder.resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    }

    @ParameterizedTest
    @CsvSource({
        "401,'',the Hub does not accept HF_TOKEN for acme/tiny",
        "403,'',the account of HF_TOKEN may not read acme/tiny",
        "401,GatedRepo,acme/tiny is gated: accept its terms at",
        "403,GatedRepo,acme/tiny is gated: accept its terms at",
        "404,'',the Hub has no model acme/tiny",
        "404,RevisionNotFound,acme/tiny has no revision 'main'",
        "418,'',the Hub answers with status 418"
    })
    void everyRefusalHasItsOwnSentence(int status, String code, String words) {
        hub.then(FakeHub.status(status, "X-Error-Code", code));
        refuses(() -> client().list(TINY), words);
        assertThat(sleeper.seconds()).isEmpty();
    }

    @Test
    void aGatedModelIsListedButItsFilesAreNotGiven() {
        hub.then(FakeHub.none(), FakeHub.status(403, "X-Error-Code", "GatedRepo"));
        refuses(this::download, "then set HF_TOKEN to a token of that account");
        assertThat(names()).isEmpty();
    }

    @Test
    void withoutATokenAClosedModelMayAlsoBeNone() {
        hub.then(FakeHub.status(401));
        HubClient stranger = new HubClient(hub.address(), Optional.empty(), sleeper);
        refuses(() -> stranger.list(TINY), "acme/tiny does not exist or is private");
    }

    @ParameterizedTest
    @CsvSource({"429,too many requests were made (429)", "500,the Hub fails to give acme/tiny"})
    void whatDoesNotPassIsGivenUp(int status, String words) {
        for (int i = 0; i < 6; i++) {
            hub.then(FakeHub.status(status));
        }
        refuses(() -> client().list(TINY), words);
        assertThat(sleeper.seconds()).containsExactly(1L, 2L, 4L, 8L, 16L);
    }

    @Test
    void aHubThatIsNotThereIsNamedAsSuch() {
        hub.close();
        refuses(() -> client().list(TINY), "the Hub could not be reached for acme/tiny");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"../x.json", "/x.json", "a/../x.json", "a//x.json", "C:x.json", "..", "./a"})
    void aNameThatLeadsOutOfTheFolderIsRefused(String name) {
        hub.file(name, "x");
        refuses(() -> client().list(TINY), "a name that leads out of a folder");
    }

    @Test
    void aModelWithoutSafetensorsIsRefused() {
        try (FakeHub other = new FakeHub().file("config.json", "{}").file("a.bin", "x")) {
            HubClient client = new HubClient(other.address(), Optional.empty(), sleeper);
            refuses(() -> client.list(TINY), "acme/tiny has no safetensors weights");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"<html>", "[]", "{}", "{\"sha\":\"../../x\",\"siblings\":[]}"})
    void anAnswerThatIsNoListingIsRefused(String answer) {
        assertThatThrownBy(() -> HubListing.parse(TINY, answer.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("check HF_ENDPOINT");
    }

    @Test
    void progressCountsEveryByteOnce() throws IOException {
        List<Long> done = new ArrayList<>();
        hub.then(FakeHub.none(), FakeHub.none(), FakeHub.cutAfter(400));
        HubClient client = client();
        client.download(
                client.list(TINY),
                folder,
                (_, received, total) -> {
                    done.add(received);
                    assertThat(total).isEqualTo(1002);
                });
        assertThat(done).isSorted().endsWith(1002L);
    }

    @Test
    void theEnvironmentSaysWhichHub() throws IOException {
        HubClient client =
                HubClient.fromEnvironment(
                        Map.of("HF_ENDPOINT", hub.address() + "/", "HF_TOKEN", " "));
        client.download(client.list(TINY), folder, (_, _, _) -> {});
        assertThat(hub.asked()).noneMatch(request -> request.contains("Bearer"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"hub.example", "ftp://hub.example", "https://", "https://a?b", "x y"})
    void anEndpointThatIsNoAddressIsRefused(String endpoint) {
        refuses(
                () -> HubClient.fromEnvironment(Map.of("HF_ENDPOINT", endpoint)),
                "HF_ENDPOINT is '%s'".formatted(endpoint));
    }

    private void download() throws IOException {
        HubClient client = client();
        client.download(client.list(TINY), folder, (_, _, _) -> {});
    }

    private HubClient client() {
        return new HubClient(hub.address(), Optional.of("secret"), sleeper);
    }

    private List<String> names() {
        try (Stream<Path> inside = Files.list(folder)) {
            return inside.map(path -> path.getFileName().toString()).sorted().toList();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void refuses(ThrowingCallable call, String words) {
        assertThatThrownBy(call)
                .isInstanceOf(HubException.class)
                .hasMessageContaining(words)
                .hasMessageNotContaining("secret")
                .hasMessageNotContaining(folder.toString());
    }

    private static byte[] weights(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 7);
        }
        return bytes;
    }
}
