package dev.tinsmith.models.peft;

import dev.tinsmith.engine.format.AdapterConfig;
import dev.tinsmith.engine.format.FormatException;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A number for most modules and others for some, as `r` and `rank_pattern` say it. The first
/// pattern that matches the end of a module's name counts.
record ModuleNumbers(double usual, List<Special> specials) {
    ModuleNumbers {
        specials = List.copyOf(specials);
    }

    /// A number for the modules that `names` matches.
    record Special(Pattern names, double number) {}

    /// Reads the number `key` and the patterns of `patterns`.
    static ModuleNumbers read(ObjectNode config, String key, String patterns, Rule rule) {
        List<Special> specials =
                config.path(patterns).properties().stream()
                        .map(entry -> special(patterns, entry, rule))
                        .toList();
        return new ModuleNumbers(rule.check(key, config.path(key)), specials);
    }

    private static Special special(String patterns, Map.Entry<String, JsonNode> entry, Rule rule) {
        return new Special(
                PythonPattern.compile(patterns, entry.getKey(), "(?:.*\\.)?(?:%s)"),
                rule.check("%s of '%s'".formatted(patterns, entry.getKey()), entry.getValue()));
    }

    /// The number for the module that PEFT calls `key`.
    double of(String key) {
        return specials.stream()
                .filter(special -> special.names().matcher(key).matches())
                .findFirst()
                .map(Special::number)
                .orElse(usual);
    }

    /// What a number must be.
    enum Rule {
        /// A rank.
        COUNT("a whole number of at least 1"),
        /// The numerator of a scale.
        ALPHA("a number above 0");

        private final String words;

        Rule(String words) {
            this.words = words;
        }

        private double check(String name, JsonNode value) {
            double number = value.isNumber() ? value.doubleValue() : 0;
            boolean fits = number > 0 && number < Integer.MAX_VALUE;
            if (!fits || (this == COUNT && number != Math.rint(number))) {
                throw new FormatException(
                        "%s says %s is %s; it must be %s"
                                .formatted(
                                        AdapterConfig.FILE,
                                        name,
                                        value.isMissingNode() ? "missing" : value,
                                        words));
            }
            return number;
        }
    }
}
