package dev.tinsmith.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.github.luben.zstd.Zstd;
import dev.tinsmith.protocol.codec.MalformedException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HttpTest {
    private static final int MAX_BODY = 1000;

    @TempDir Path folder;

    private final CountDownLatch release = new CountDownLatch(1);
    private final BlockingQueue<String> log = new LinkedBlockingQueue<>();
    private final HttpClient client = HttpClient.newHttpClient();
    private Http http;

    @BeforeEach
    void listen() {
        http =
                Http.listen(
                        "127.0.0.1",
                        0,
                        new Limits(MAX_BODY, Duration.ofSeconds(30)),
                        List.of(
                                post("/echo", request -> text(new String(request.body(), UTF_8))),
                                post("/things/{id}/of/<rest>", HttpTest::parts),
                                post("/refused", _ -> refuse(Refusal.bad("no; do this instead"))),
                                post(
                                        "/malformed",
                                        _ -> {
                                            throw new MalformedException("x is 3; it must be 4");
                                        }),
                                post(
                                        "/bug",
                                        _ -> {
                                            throw new IllegalStateException("secret of the house");
                                        }),
                                post(
                                        "/error",
                                        _ -> {
                                            throw new StackOverflowError("secret of the house");
                                        }),
                                post("/binary", _ -> Reply.protobuf(new byte[] {1, 0, -1})),
                                post("/wait", this::waits),
                                get("/origin", request -> text(request.origin())),
                                get("/large", _ -> Reply.file(large(), "text/plain")),
                                new Route(
                                        Route.Method.HEAD,
                                        "/large",
                                        _ ->
                                                Reply.file(large(), "text/plain")
                                                        .with("ETag", "\"e\""))),
                        failure ->
                                failure instanceof MalformedException malformed
                                        ? Optional.of(Refusal.bad(malformed.reason()))
                                        : Optional.empty(),
                        (method, path, status, _, _) ->
                                log.add(method + " " + path + " " + status));
    }

    @AfterEach
    void close() {
        release.countDown();
        http.close();
        client.close();
    }

    @Test
    void aBodyComesInAndAReplyGoesOut() throws Exception {
        HttpResponse<String> reply = post("/echo", "hello".getBytes(UTF_8));

        assertThat(reply.body()).isEqualTo("\"hello\"");
        assertThat(reply.headers().firstValue("content-type")).hasValue("application/json");
        assertThat(reply.headers().firstValue("content-length")).hasValue("7");
        assertThat(log.poll(5, TimeUnit.SECONDS)).isEqualTo("POST /echo 200");
    }

    @Test
    void aPackedBodyIsUnpacked() throws Exception {
        assertThat(post("/echo", Zstd.compress("hello".getBytes(UTF_8)), "zstd").body())
                .isEqualTo("\"hello\"");
    }

    @Test
    void aBodyThatUnpacksToTooMuchIsRefused() throws Exception {
        HttpResponse<String> reply = post("/echo", Zstd.compress(new byte[MAX_BODY + 1]), "zstd");

        assertThat(reply.statusCode()).isEqualTo(400);
        assertThat(reply.body()).contains("more than 1000 bytes once unpacked");
    }

    @Test
    void aBodyOfTheLargestSizeIsTakenAndOneByteMoreIsNot() throws Exception {
        assertThat(post("/echo", new byte[MAX_BODY]).statusCode()).isEqualTo(200);

        HttpResponse<String> reply = post("/echo", new byte[MAX_BODY + 1]);
        assertThat(reply.statusCode()).isEqualTo(413);
        assertThat(reply.body()).contains("the body has more than 1000 bytes");
    }

    @Test
    void theSenderOfAVeryLargeBodyReadsTheRefusal() throws Exception {
        assertThat(post("/echo", new byte[32 << 20]).statusCode()).isEqualTo(413);
    }

    @Test
    void aRefusalBeforeTheBodyHasComeLeavesTheConnectionForTheNextRequest() throws Exception {
        for (String path : List.of("/refused", "/nowhere")) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), http.port())) {
                OutputStream out = socket.getOutputStream();
                out.write(head(path, 5));
                out.flush();
                Thread.sleep(50);
                out.write("hello".getBytes(UTF_8));
                out.write(head("/echo", 5));
                out.write("again".getBytes(UTF_8));
                out.flush();
                socket.shutdownOutput();

                assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8))
                        .contains("HTTP/1.1 40")
                        .endsWith("\"again\"");
            }
        }
    }

    private static byte[] head(String path, int length) {
        return "POST %s HTTP/1.1\r\nHost: here\r\nContent-Length: %d\r\n\r\n"
                .formatted(path, length)
                .getBytes(UTF_8);
    }

    @Test
    void anUnknownEncodingIsRefused() throws Exception {
        HttpResponse<String> reply = post("/echo", new byte[1], "br");

        assertThat(reply.statusCode()).isEqualTo(415);
        assertThat(reply.body()).contains("'br'");
    }

    @Test
    void thePartsOfAPathAreHandedOver() throws Exception {
        assertThat(post("/things/a:train:0/of/b/c", new byte[0]).body())
                .isEqualTo("\"a:train:0 b/c\"");
    }

    @Test
    void aRefusalIsAStatusAndADetailOfKnownLength() throws Exception {
        HttpResponse<String> reply = post("/refused", new byte[0]);

        assertThat(reply.statusCode()).isEqualTo(400);
        assertThat(reply.body()).isEqualTo("{\"detail\":\"no; do this instead\"}");
        assertThat(reply.headers().firstValue("content-length")).hasValue("32");
        assertThat(reply.headers().firstValue("transfer-encoding")).isEmpty();
    }

    @Test
    void theDoorExplainsWhatOthersThrow() throws Exception {
        HttpResponse<String> reply = post("/malformed", new byte[0]);

        assertThat(reply.statusCode()).isEqualTo(400);
        assertThat(reply.body()).isEqualTo("{\"detail\":\"x is 3; it must be 4\"}");
    }

    @Test
    void whatNobodyExpectedDoesNotLeak() throws Exception {
        for (String path : List.of("/bug", "/error")) {
            HttpResponse<String> reply = post(path, new byte[0]);

            assertThat(reply.statusCode()).isEqualTo(500);
            assertThat(reply.body())
                    .isEqualTo("{\"detail\":\"the server failed; its log says why\"}");
        }
    }

    @Test
    void anUnknownRouteIsToldSoInJson() throws Exception {
        HttpResponse<String> reply = post("/nowhere", new byte[0]);

        assertThat(reply.statusCode()).isEqualTo(404);
        assertThat(reply.body())
                .isEqualTo("{\"detail\":\"there is no POST /nowhere on this server\"}");
        assertThat(reply.headers().firstValue("content-type")).hasValue("application/json");
        assertThat(reply.headers().firstValue("content-length")).isPresent();
    }

    @Test
    void aBinaryReplyIsSentAsItIs() throws Exception {
        HttpResponse<byte[]> reply =
                client.send(
                        HttpRequest.newBuilder(at("/binary")).POST(BodyPublishers.noBody()).build(),
                        BodyHandlers.ofByteArray());

        assertThat(reply.body()).containsExactly(1, 0, -1);
        assertThat(reply.headers().firstValue("content-type")).hasValue("application/x-protobuf");
    }

    @Test
    void aFileIsSentWithItsLengthAndItsHeadAlone() throws Exception {
        HttpResponse<String> whole =
                client.send(HttpRequest.newBuilder(at("/large")).build(), BodyHandlers.ofString());
        HttpResponse<String> head =
                client.send(
                        HttpRequest.newBuilder(at("/large")).HEAD().build(),
                        BodyHandlers.ofString());

        assertThat(whole.body()).hasSize(300_000);
        assertThat(whole.headers().firstValue("content-length")).hasValue("300000");
        assertThat(head.body()).isEmpty();
        assertThat(head.headers().firstValue("content-length")).hasValue("300000");
        assertThat(head.headers().firstValue("etag")).hasValue("\"e\"");
    }

    @Test
    void theOriginIsWhatTheClientOrTheProxyWrote() throws Exception {
        assertThat(get("/origin").body())
                .isEqualTo("\"http://127.0.0.1:%d\"".formatted(http.port()));
        assertThat(get("/origin", "X-Forwarded-Proto", "https").body()).startsWith("\"https://");
    }

    @Test
    void aPortThatIsTakenIsSaidSo() {
        assertThatExceptionOfType(PortException.class)
                .isThrownBy(() ->
                        Http.listen(
                                "127.0.0.1",
                                http.port(),
                                new Limits(1, Duration.ofSeconds(1)),
                                List.of(),
                                _ -> Optional.empty(),
                                (_, _, _, _, _) -> {}))
                .withMessageStartingWith(
                        "port %d of 127.0.0.1 cannot be opened".formatted(http.port()));
    }

    @Test
    void hundredsMayWaitAtOnce() throws Exception {
        var waiting =
                java.util.stream.IntStream.range(0, 300)
                        .mapToObj(_ ->
                                client.sendAsync(
                                        HttpRequest.newBuilder(at("/wait"))
                                                .POST(BodyPublishers.noBody())
                                                .build(),
                                        BodyHandlers.ofString()))
                        .toList();
        assertThat(post("/echo", "still here".getBytes(UTF_8)).body()).isEqualTo("\"still here\"");
        release.countDown();

        for (var reply : waiting) {
            assertThat(reply.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void whatIsNotHttpIsAnsweredInTheSameShape() throws Exception {
        for (String line :
                List.of(
                        "GET / HTTP/9.9",
                        "nonsense",
                        "GET /a/..%2fetc HTTP/1.1\r\nHost: x\r\nConnection: close")) {
            String reply = raw(line + "\r\n\r\n");

            assertThat(reply).containsPattern("^HTTP/1.1 (4..|505)").contains("{\"detail\":\"");
            assertThat(reply).containsIgnoringCase("content-length: ");
            assertThat(reply).doesNotContainIgnoringCase("jetty");
        }
    }

    private String raw(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), http.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(UTF_8));
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }

    private Path large() {
        try {
            return Files.writeString(folder.resolve("large"), "x".repeat(300_000));
        } catch (IOException failure) {
            throw new java.io.UncheckedIOException(failure);
        }
    }

    private Reply waits(Request request) {
        try {
            assertThat(release.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        return text(request.path());
    }

    private static Reply parts(Request request) {
        return text(request.part("id") + " " + request.part("rest"));
    }

    private static Reply refuse(Refusal refusal) {
        throw refusal;
    }

    private static Reply text(String text) {
        return Reply.json(text);
    }

    private static Route post(String path, Handler handler) {
        return new Route(Route.Method.POST, path, handler);
    }

    private static Route get(String path, Handler handler) {
        return new Route(Route.Method.GET, path, handler);
    }

    private HttpResponse<String> post(String path, byte[] body) throws Exception {
        return post(path, body, "identity");
    }

    private HttpResponse<String> post(String path, byte[] body, String encoding)
            throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(at(path))
                        .header("Content-Encoding", encoding)
                        .POST(BodyPublishers.ofByteArray(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private HttpResponse<String> get(String path, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(at(path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private URI at(String path) {
        return URI.create("http://127.0.0.1:%d%s".formatted(http.port(), path));
    }
}
