package dev.tinsmith.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tinsmith.protocol.codec.Json;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Every way to get one field of a good request wrong: it is missing, null, of another type, out of
/// every range.
final class Mutants {
    /// Said by every client of every request, and by nobody relied on.
    private static final String TYPE = "type";

    /// Stands for null, which a copied map cannot hold.
    private static final String NULL = "(null)";

    private static final List<Object> VALUES =
            List.of(
                    Map.of(),
                    Map.of("zzz", 1),
                    List.of(),
                    List.of(Map.of()),
                    List.of("", -1),
                    true,
                    "",
                    "x",
                    "\0",
                    "../../etc/passwd",
                    "tinker://../../etc/passwd/weights/x",
                    "a".repeat(100_000),
                    0,
                    -1,
                    1.5,
                    1e300,
                    -1e300,
                    Long.MAX_VALUE,
                    new BigInteger("9".repeat(40)));

    private final List<Mutant> made = new ArrayList<>();
    private final Object whole;

    private Mutants(Object whole) {
        this.whole = whole;
    }

    /// A request with one field wrong.
    ///
    /// @param names the name of the field, and of those that it stands in
    /// @param place where it stands, and what it was made into
    record Mutant(List<String> names, String place, String body) {}

    /// All mutants of a JSON object.
    static List<Mutant> of(String body) {
        Map<?, ?> whole = Json.read(body.getBytes(UTF_8), Map.class);
        Mutants mutants = new Mutants(whole);
        mutants.descend(whole, List.of());
        return mutants.made;
    }

    private void descend(Object at, List<Object> path) {
        switch (at) {
            case Map<?, ?> fields ->
                    fields.forEach((name, value) -> {
                        if (!name.equals(TYPE)) {
                            List<Object> inner = longer(path, name);
                            mutate(inner);
                            descend(value, inner);
                        }
                    });
            case List<?> values when !values.isEmpty() -> {
                List<Object> inner = longer(path, 0);
                mutate(inner);
                descend(values.getFirst(), inner);
            }
            case Object _ -> {}
        }
    }

    private void mutate(List<Object> path) {
        add(path, "left out", changed(whole, path, Change.REMOVED));
        add(path, "null", changed(whole, path, Change.NULLED));
        for (Object value : VALUES) {
            String text = new String(Json.write(value), UTF_8);
            String shown = text.substring(0, Math.min(text.length(), 40));
            add(path, shown, changed(whole, path, new Change.Set(value)));
        }
    }

    private void add(List<Object> path, String what, Object body) {
        String text = new String(Json.write(body), UTF_8).replace("\"%s\"".formatted(NULL), "null");
        List<String> names =
                path.stream().filter(String.class::isInstance).map(String::valueOf).toList();
        made.add(new Mutant(names, path + " " + what, text));
    }

    private sealed interface Change {
        Change REMOVED = new Removed();
        Change NULLED = new Set(NULL);

        record Removed() implements Change {}

        record Set(Object value) implements Change {}
    }

    private static Object changed(Object at, List<Object> path, Change change) {
        Object step = path.getFirst();
        List<Object> rest = path.subList(1, path.size());
        if (at instanceof Map<?, ?> fields) {
            Map<String, Object> copy = new LinkedHashMap<>();
            fields.forEach((name, value) -> {
                if (!name.equals(step)) {
                    copy.put(String.valueOf(name), value);
                } else {
                    replacement(value, rest, change)
                            .forEach(changed -> copy.put(String.valueOf(name), changed));
                }
            });
            return copy;
        }
        List<Object> copy = new ArrayList<>((List<?>) at);
        List<Object> first = replacement(copy.removeFirst(), rest, change);
        copy.addAll(0, first);
        return copy;
    }

    /// What stands in the place of `value`: one thing, or nothing.
    private static List<Object> replacement(Object value, List<Object> rest, Change change) {
        if (!rest.isEmpty()) {
            return List.of(changed(value, rest, change));
        }
        return switch (change) {
            case Change.Removed _ -> List.of();
            case Change.Set set -> List.of(set.value());
        };
    }

    private static List<Object> longer(List<Object> path, Object step) {
        List<Object> longer = new ArrayList<>(path);
        longer.add(step);
        return longer;
    }
}
