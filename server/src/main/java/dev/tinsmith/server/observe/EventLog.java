package dev.tinsmith.server.observe;

import static java.lang.System.Logger.Level.DEBUG;
import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import java.time.Duration;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/// One line for each thing that happened, `event key=value key="two words"`, through
/// [System.Logger]. Values are quoted, so that no client can write a line of its own.
public final class EventLog {
    private final System.Logger log;

    /// @param name what the lines are filed under
    public EventLog(String name) {
        this.log = System.getLogger(name);
    }

    /// Something that an operator may want to know.
    public void happened(String event, SequencedMap<String, ?> facts) {
        log.log(INFO, () -> line(event, facts));
    }

    /// Something that an operator should look at.
    public void warned(String event, SequencedMap<String, ?> facts) {
        log.log(WARNING, () -> line(event, facts));
    }

    /// A request was answered. Those that went well are logged at the level `DEBUG`, since there
    /// are thousands.
    ///
    /// @param path without the query, which may hold secrets
    /// @param client what the client calls itself
    public void answered(String method, String path, int status, Duration took, String client) {
        log.log(
                status >= 500 ? WARNING : DEBUG,
                () ->
                        "answered method=%s path=%s status=%d ms=%d client=%s"
                                .formatted(
                                        quoted(method),
                                        quoted(path),
                                        status,
                                        took.toMillis(),
                                        quoted(client)));
    }

    static String line(String event, SequencedMap<String, ?> facts) {
        return event
                + facts.entrySet().stream()
                        .map(fact -> " " + fact.getKey() + "=" + quoted(value(fact)))
                        .collect(Collectors.joining());
    }

    private static String value(Map.Entry<String, ?> fact) {
        return String.valueOf(fact.getValue());
    }

    private static String quoted(String value) {
        if (value.matches("[\\w./:+-]+")) {
            return value;
        }
        StringBuilder text = new StringBuilder("\"");
        value.codePoints()
                .forEach(letter -> {
                    if (letter == '"' || letter == '\\') {
                        text.append('\\').appendCodePoint(letter);
                    } else if (Character.isISOControl(letter)) {
                        text.append("\\u%04x".formatted(letter));
                    } else {
                        text.appendCodePoint(letter);
                    }
                });
        return text.append('"').toString();
    }
}
