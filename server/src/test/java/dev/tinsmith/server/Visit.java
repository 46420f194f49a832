package dev.tinsmith.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tinsmith.protocol.codec.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;

/// A client of a server under test: says what it is told to, and understands JSON.
final class Visit implements AutoCloseable {
    private final HttpClient client = HttpClient.newHttpClient();
    private final String address;
    private final String key;

    Visit(int port, String key) {
        this.address = "http://127.0.0.1:" + port;
        this.key = key;
    }

    /// What came back.
    static final class Told {
        private final HttpResponse<byte[]> reply;
        private final Duration took;

        private Told(HttpResponse<byte[]> reply, Duration took) {
            this.reply = reply;
            this.took = took;
        }

        Duration took() {
            return took;
        }

        int status() {
            return reply.statusCode();
        }

        String header(String name) {
            return reply.headers().firstValue(name).orElse("");
        }

        byte[] bytes() {
            return reply.body();
        }

        String text() {
            return new String(reply.body(), UTF_8);
        }

        String field(String name) {
            return String.valueOf(Json.read(reply.body(), Map.class).get(name));
        }
    }

    Told post(String path, String body) {
        return post(path, body.getBytes(UTF_8), "application/json");
    }

    Told post(String path, byte[] body, String contentType) {
        return send(
                request(path)
                        .header("Content-Type", contentType)
                        .POST(BodyPublishers.ofByteArray(body)));
    }

    Told get(String path) {
        return send(request(path).GET());
    }

    Told put(String path, String body) {
        return send(request(path).PUT(BodyPublishers.ofString(body)));
    }

    Told delete(String path) {
        return send(request(path).DELETE());
    }

    /// Without a key, from a whole address.
    Told fetch(String url) {
        return send(HttpRequest.newBuilder(URI.create(url)));
    }

    /// Waits for what `submitted` promised.
    Told result(Told submitted) {
        assertThat(submitted.status()).as(submitted.text()).isEqualTo(200);
        return post(
                "/api/v1/retrieve_future",
                "{\"request_id\": \"%s\", \"allow_metadata_only\": false}"
                        .formatted(submitted.field("request_id")));
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address + path));
        return key.isEmpty() ? request : request.header("x-api-key", key);
    }

    /// Any method; a body, if it is not empty, is JSON.
    Told send(String method, String path, byte[] body) {
        return send(
                request(path)
                        .header("Content-Type", "application/json")
                        .method(method, BodyPublishers.ofByteArray(body)));
    }

    private Told send(HttpRequest.Builder request) {
        try {
            long start = System.nanoTime();
            HttpResponse<byte[]> reply = client.send(request.build(), BodyHandlers.ofByteArray());
            return new Told(reply, Duration.ofNanos(System.nanoTime() - start));
        } catch (IOException | InterruptedException failure) {
            throw new AssertionError(failure);
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
