package dev.tinsmith.cli.config;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Lengths of time as operators write them.
public final class Span {
    /// What they must be.
    public static final String RULE = "a number and a unit, such as 90s, 5m, 2h or 7d";

    private static final Pattern SHAPE = Pattern.compile("(\\d{1,9})(s|m|h|d)");
    private static final Map<String, ChronoUnit> UNITS =
            Map.of("s", ChronoUnit.SECONDS, "m", ChronoUnit.MINUTES, "h", ChronoUnit.HOURS);

    private Span() {}

    /// Understands `text`, if it can be understood.
    public static Optional<Duration> parse(String text) {
        Matcher span = SHAPE.matcher(text);
        return span.matches()
                ? Optional.of(
                        Duration.of(
                                Long.parseLong(span.group(1)),
                                UNITS.getOrDefault(span.group(2), ChronoUnit.DAYS)))
                : Optional.empty();
    }
}
