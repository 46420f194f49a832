package dev.tinsmith.models.hub;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// A Hub of one model, `acme/tiny`, and the other host that it keeps large files on. Both note what
/// they were asked, and misbehave when told to.
public final class FakeHub implements AutoCloseable {
    public static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    private final HttpServer hub = server();
    private final HttpServer cdn = server();
    private final SortedMap<String, byte[]> files = new TreeMap<>();
    private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
    private final Deque<Mischief> mischief = new ArrayDeque<>();
    private boolean blobs = true;
    private boolean etags = true;

    /// Something to do instead of giving the next file, or the listing.
    public interface Mischief {
        /// Returns whether the answer was given.
        boolean answer(HttpExchange exchange, byte[] right) throws IOException;
    }

    public FakeHub() {
        hub.createContext("/", exchange -> handle(exchange, this::answerHub));
        cdn.createContext("/", exchange -> handle(exchange, this::answerCdn));
        hub.start();
        cdn.start();
    }

    public FakeHub file(String name, byte[] content) {
        files.put(name, content.clone());
        return this;
    }

    FakeHub file(String name, String content) {
        return file(name, content.getBytes(StandardCharsets.UTF_8));
    }

    /// The listing says neither sizes nor hashes.
    FakeHub withoutBlobs() {
        blobs = false;
        return this;
    }

    /// Files come without a checksum.
    FakeHub withoutEtags() {
        etags = false;
        return this;
    }

    /// The next files, in turn, go wrong like this.
    public FakeHub then(Mischief... next) {
        mischief.addAll(Arrays.asList(next));
        return this;
    }

    /// Breaks the connection off after so many bytes.
    public static Mischief cutAfter(int bytes) {
        return (exchange, right) -> {
            exchange.sendResponseHeaders(200, right.length);
            exchange.getResponseBody().write(right, 0, bytes);
            exchange.getResponseBody().flush();
            return true;
        };
    }

    static Mischief status(int status, String... headers) {
        return (exchange, _) -> {
            for (int i = 0; i < headers.length; i += 2) {
                exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
            }
            exchange.sendResponseHeaders(status, -1);
            return true;
        };
    }

    /// Gives the file with its last byte changed.
    static Mischief spoilt() {
        return (exchange, right) -> {
            byte[] wrong = right.clone();
            wrong[wrong.length - 1] ^= 1;
            exchange.sendResponseHeaders(200, wrong.length);
            exchange.getResponseBody().write(wrong);
            return true;
        };
    }

    /// Behaves.
    static Mischief none() {
        return (_, _) -> false;
    }

    public URI address() {
        return URI.create("http://127.0.0.1:" + hub.getAddress().getPort());
    }

    /// Every request so far: who was asked, for what, from which byte, and whether a token came.
    List<String> asked() {
        return List.copyOf(asked);
    }

    @Override
    public void close() {
        hub.stop(0);
        cdn.stop(0);
    }

    private interface Answer {
        void give(HttpExchange exchange) throws IOException;
    }

    private void handle(HttpExchange exchange, Answer answer) throws IOException {
        Headers headers = exchange.getRequestHeaders();
        asked.add(
                "%s %s%s%s"
                        .formatted(
                                exchange.getHttpContext().getServer() == hub ? "hub" : "cdn",
                                exchange.getRequestURI(),
                                headers.containsKey("Range") ? " " + headers.getFirst("Range") : "",
                                headers.containsKey("Authorization")
                                        ? " " + headers.getFirst("Authorization")
                                        : ""));
        try (exchange) {
            answer.give(exchange);
        }
    }

    private void answerHub(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getRawPath();
        String resolve = "/acme/tiny/resolve/" + COMMIT + "/";
        if (path.startsWith("/api/models/acme/tiny/revision/")) {
            give(exchange, listing().getBytes(StandardCharsets.UTF_8));
        } else if (path.startsWith(resolve)
                && files.containsKey(path.substring(resolve.length()))) {
            String name = path.substring(resolve.length());
            byte[] content = files.getOrDefault(name, new byte[0]);
            boolean large = name.endsWith(".safetensors");
            Headers headers = exchange.getResponseHeaders();
            if (etags) {
                headers.add(large ? "X-Linked-Etag" : "ETag", "\"%s\"".formatted(hash(name)));
            }
            if (large) {
                headers.add("X-Linked-Size", Integer.toString(content.length));
                headers.add(
                        "Location",
                        "http://127.0.0.1:%d/%s".formatted(cdn.getAddress().getPort(), name));
                exchange.sendResponseHeaders(302, -1);
            } else {
                give(exchange, content);
            }
        } else {
            exchange.sendResponseHeaders(404, -1);
        }
    }

    private void answerCdn(HttpExchange exchange) throws IOException {
        String name = exchange.getRequestURI().getPath().substring(1);
        exchange.getResponseHeaders().add("ETag", "\"of the other host\"");
        give(exchange, files.getOrDefault(name, new byte[0]));
    }

    private void give(HttpExchange exchange, byte[] content) throws IOException {
        if (!mischief.isEmpty() && mischief.pop().answer(exchange, content)) {
            return;
        }
        String range = exchange.getRequestHeaders().getFirst("Range");
        if (range == null) {
            exchange.sendResponseHeaders(200, content.length == 0 ? -1 : content.length);
            exchange.getResponseBody().write(content);
            return;
        }
        int from = Integer.parseInt(range.replaceAll("\\D", ""));
        if (from >= content.length) {
            exchange.sendResponseHeaders(416, -1);
            return;
        }
        exchange.getResponseHeaders()
                .add(
                        "Content-Range",
                        "bytes %d-%d/%d".formatted(from, content.length - 1, content.length));
        exchange.sendResponseHeaders(206, content.length - from);
        exchange.getResponseBody().write(content, from, content.length - from);
    }

    private String listing() {
        List<String> siblings = new ArrayList<>();
        files.forEach((name, content) -> {
            String hash =
                    name.endsWith(".safetensors")
                            ? "\"lfs\":{\"sha256\":\"%s\"}".formatted(hash(name))
                            : "\"blobId\":\"%s\"".formatted(hash(name));
            siblings.add(
                    blobs
                            ? "{\"rfilename\":\"%s\",\"size\":%d,%s}"
                                    .formatted(name, content.length, hash)
                            : "{\"rfilename\":\"%s\"}".formatted(name));
        });
        return "{\"id\":\"acme/tiny\",\"sha\":\"%s\",\"siblings\":[%s]}"
                .formatted(COMMIT, String.join(",", siblings));
    }

    private String hash(String name) {
        byte[] content = files.getOrDefault(name, new byte[0]);
        boolean large = name.endsWith(".safetensors");
        try {
            MessageDigest digest = MessageDigest.getInstance(large ? "SHA-256" : "SHA-1");
            if (!large) {
                String header = "blob " + content.length + "\0";
                digest.update(header.getBytes(StandardCharsets.UTF_8));
            }
            return HexFormat.of().formatHex(digest.digest(content));
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException(missing);
        }
    }

    private static HttpServer server() {
        try {
            return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
