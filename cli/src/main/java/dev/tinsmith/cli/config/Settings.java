package dev.tinsmith.cli.config;

import dev.tinsmith.cli.terminal.Nearest;
import dev.tinsmith.cli.terminal.Refusal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The settings in force: what the command line says, else the environment, else the file, else the
/// default.
public final class Settings {
    private static final String PREFIX = "TINSMITH_";

    /// Variables of that prefix that are not settings of a server: the launcher's.
    private static final List<String> LAUNCHERS =
            List.of(
                    "TINSMITH_HEAP",
                    "TINSMITH_JAVA_OPTS",
                    "TINSMITH_CACHE",
                    "TINSMITH_DEBUG",
                    "TINSMITH_LOG_REQUESTS");

    private final Map<Setting, List<String>> values;

    private Settings(Map<Setting, List<String>> values) {
        this.values = values;
    }

    /// Gathers the settings from where they may be said.
    ///
    /// @param flags what the command line said
    /// @param environment all of it; a `TINSMITH_…` that is no setting is refused
    /// @throws Refusal for a key nobody knows, naming the nearest one
    public static Settings of(Map<Setting, List<String>> flags, Map<String, String> environment) {
        Map<Setting, List<String>> variables = variables(environment);
        Map<Setting, List<String>> values = new EnumMap<>(Setting.class);
        Optional.ofNullable(flags.getOrDefault(Setting.CONFIG, variables.get(Setting.CONFIG)))
                .ifPresent(file -> values.putAll(SettingsFile.read(Path.of(file.getLast()))));
        values.putAll(variables);
        values.putAll(flags);
        return new Settings(values);
    }

    private static Map<Setting, List<String>> variables(Map<String, String> environment) {
        Map<Setting, List<String>> found = new EnumMap<>(Setting.class);
        environment.forEach((name, value) -> {
            if (name.startsWith(PREFIX) && !LAUNCHERS.contains(name)) {
                String key =
                        name.substring(PREFIX.length()).toLowerCase(Locale.ROOT).replace('_', '-');
                Setting setting =
                        Setting.byKey(key).orElseThrow(() -> unknown(name, "the environment", key));
                found.put(setting, List.of(value));
            }
        });
        return found;
    }

    static Refusal unknown(String name, String where, String key) {
        return new Refusal(
                "'%s' in %s is no setting; the nearest is '%s', and there are %s"
                        .formatted(
                                name,
                                where,
                                Nearest.of(key, Setting.keys()),
                                String.join(", ", Setting.keys())));
    }

    public String text(Setting setting) {
        return values.getOrDefault(setting, List.of(setting.fallback())).getLast();
    }

    /// All values of a setting that may be given several times.
    public List<String> all(Setting setting) {
        return values.getOrDefault(setting, List.of());
    }

    public Path path(Setting setting) {
        return Path.of(text(setting)).toAbsolutePath().normalize();
    }

    /// The value as a whole number.
    ///
    /// @throws Refusal unless it is one in the range
    public int integer(Setting setting, int least, int most) {
        String text = text(setting);
        try {
            int value = Integer.parseInt(text);
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException _) {
            // told below
        }
        throw refused(setting, "a whole number from %d to %d".formatted(least, most));
    }

    /// The value, one of `choices`.
    ///
    /// @throws Refusal if it is another
    public String choice(Setting setting, String... choices) {
        String text = text(setting);
        if (List.of(choices).contains(text)) {
            return text;
        }
        throw refused(setting, "one of " + String.join(", ", choices));
    }

    /// The value as a time.
    ///
    /// @throws Refusal unless it is a number and a unit, such as `90s`, `5m`, `2h` or `7d`
    public Duration time(Setting setting) {
        return Span.parse(text(setting)).orElseThrow(() -> refused(setting, Span.RULE));
    }

    private Refusal refused(Setting setting, String rule) {
        return new Refusal(
                "%s is '%s'; it must be %s".formatted(setting.key(), text(setting), rule));
    }
}
