package dev.tinsmith.server.api;

import dev.tinsmith.protocol.codec.Json;
import dev.tinsmith.server.http.Request;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A request that came through no socket.
public record Asked(
        String method,
        String path,
        Map<String, String> parts,
        Map<String, String> queries,
        Map<String, String> headers,
        Body content)
        implements Request {

    /// Hands over bytes.
    @FunctionalInterface
    public interface Body {
        byte[] bytes();
    }

    public static Asked get(String path) {
        return new Asked("GET", path, Map.of(), Map.of(), Map.of(), () -> new byte[0]);
    }

    public static Asked post(String path, Object body) {
        return new Asked("POST", path, Map.of(), Map.of(), Map.of(), () -> Json.write(body));
    }

    public Asked withPart(String name, String value) {
        return new Asked(method, path, plus(parts, name, value), queries, headers, content);
    }

    public Asked withQuery(String name, String value) {
        return new Asked(method, path, parts, plus(queries, name, value), headers, content);
    }

    public Asked withHeader(String name, String value) {
        return new Asked(method, path, parts, queries, plus(headers, name, value), content);
    }

    @Override
    public String part(String name) {
        return Optional.ofNullable(parts.get(name)).orElseThrow();
    }

    @Override
    public Optional<String> query(String name) {
        return Optional.ofNullable(queries.get(name));
    }

    @Override
    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
    }

    @Override
    public String origin() {
        return "http://127.0.0.1:8000";
    }

    @Override
    public byte[] body() {
        return content.bytes();
    }

    private static Map<String, String> plus(Map<String, String> all, String name, String value) {
        Map<String, String> more = new TreeMap<>(all);
        more.put(name, value);
        return more;
    }
}
