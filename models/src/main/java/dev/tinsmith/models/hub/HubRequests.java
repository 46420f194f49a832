package dev.tinsmith.models.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/// Asks the Hub, and follows it elsewhere without showing our token there.
final class HubRequests implements AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(20);
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(60);
    private static final int MAX_REDIRECTS = 5;

    private final URI endpoint;
    private final Optional<String> token;
    private final HttpClient client =
            HttpClient.newBuilder()
                    .connectTimeout(CONNECT_TIMEOUT)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .build();

    HubRequests(URI endpoint, Optional<String> token) {
        this.endpoint = endpoint;
        this.token = token;
    }

    /// An answer; whoever takes it closes the body.
    ///
    /// @param headers of the last answer
    /// @param checksum that the Hub itself gave on the way
    /// @param size that the Hub itself gave on the way
    record Answer(
            int status,
            HttpHeaders headers,
            InputStream body,
            Optional<Checksum> checksum,
            Optional<Long> size)
            implements AutoCloseable {
        @Override
        public void close() throws IOException {
            body.close();
        }
    }

    /// Gets `path` of the Hub, from byte `from` on.
    Answer get(String path, long from) throws IOException, InterruptedException {
        URI address = URI.create(endpoint + path);
        Optional<Checksum> checksum = Optional.empty();
        Optional<Long> size = Optional.empty();
        for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
            HttpResponse<InputStream> response =
                    client.send(request(address, from), BodyHandlers.ofInputStream());
            if (isHub(address)) {
                checksum = checksum.or(() -> checksum(response.headers()));
                size = size.or(() -> linkedSize(response.headers()));
            }
            if (!Status.isRedirect(response.statusCode())) {
                return new Answer(
                        response.statusCode(), response.headers(), response.body(), checksum, size);
            }
            response.body().close();
            address = next(address, response.headers());
        }
        throw new IOException("more than %d redirections".formatted(MAX_REDIRECTS));
    }

    @Override
    public void close() {
        client.shutdownNow();
    }

    private HttpRequest request(URI address, long from) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(address)
                        .timeout(ANSWER_TIMEOUT)
                        .header("User-Agent", "tinsmith");
        if (from > 0) {
            request.header("Range", "bytes=%d-".formatted(from));
        }
        token.filter(_ -> isHub(address))
                .ifPresent(secret -> request.header("Authorization", "Bearer " + secret));
        return request.build();
    }

    private boolean isHub(URI address) {
        return Objects.equals(address.getScheme(), endpoint.getScheme())
                && Objects.equals(address.getHost(), endpoint.getHost())
                && address.getPort() == endpoint.getPort();
    }

    private static Optional<Checksum> checksum(HttpHeaders headers) {
        return Stream.of("X-Linked-Etag", "ETag")
                .flatMap(name -> headers.firstValue(name).stream())
                .findFirst()
                .flatMap(Checksum::of);
    }

    private static Optional<Long> linkedSize(HttpHeaders headers) {
        return headers.firstValue("X-Linked-Size")
                .filter(value -> value.matches("[0-9]{1,18}"))
                .map(Long::valueOf);
    }

    private static URI next(URI address, HttpHeaders headers) throws IOException {
        String location =
                headers.firstValue("Location")
                        .orElseThrow(() -> new IOException("a redirection to nowhere"));
        try {
            URI next = address.resolve(location);
            boolean safe = "https".equals(next.getScheme());
            if (!safe && !("http".equals(next.getScheme()) && "http".equals(address.getScheme()))) {
                throw new IOException("a redirection from https to " + next.getScheme());
            }
            return next;
        } catch (IllegalArgumentException refused) {
            throw new IOException("a redirection to no address", refused);
        }
    }
}
