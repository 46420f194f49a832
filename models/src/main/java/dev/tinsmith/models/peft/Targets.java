package dev.tinsmith.models.peft;

import dev.tinsmith.engine.format.AdapterConfig;
import dev.tinsmith.engine.format.FormatException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Which modules PEFT adapts under a configuration, decided from their names as PEFT decides it.
///
/// @param named whether `target_modules` names a module
/// @param exact modules that it names in full, whatever their layer
/// @param excluded whether `exclude_modules` names it
/// @param chosen whether its layer is one of `layers_to_transform`
/// @param complete whether every module that is named must have factors
record Targets(
        Predicate<String> named,
        Set<String> exact,
        Predicate<String> excluded,
        Predicate<String> chosen,
        boolean complete) {
    private static final String TARGETS = "target_modules";
    private static final String LAYERS = "layers_to_transform";
    private static final String EVERYTHING = "all-linear";

    static Targets read(ObjectNode config) {
        JsonNode targets = config.path(TARGETS);
        Predicate<String> excluded = names(config, "exclude_modules", _ -> false);
        if (targets.isMissingNode()
                || targets.isNull()
                || targets.asString("").equals(EVERYTHING)) {
            return new Targets(_ -> true, Set.of(), excluded, layers(config), false);
        }
        if (targets.isString() && !layerNumbers(config).isEmpty()) {
            throw new FormatException(
                    "%s says %s beside a regular expression in %s, which PEFT does not read either; list the modules"
                            .formatted(AdapterConfig.FILE, LAYERS, TARGETS));
        }
        Set<String> exact = targets.isArray() ? new HashSet<>(texts(config, TARGETS)) : Set.of();
        return new Targets(
                names(config, TARGETS, _ -> true), exact, excluded, layers(config), true);
    }

    /// Whether PEFT adapts the module that it calls `key`.
    boolean include(String key) {
        return !excluded.test(key)
                && (exact.contains(key) || (named.test(key) && chosen.test(key)));
    }

    /// A text is a regular expression for the whole name; a list has ends of names.
    private static Predicate<String> names(
            ObjectNode config, String setting, Predicate<String> otherwise) {
        JsonNode value = config.path(setting);
        if (value.isMissingNode() || value.isNull() || (value.isArray() && value.isEmpty())) {
            return otherwise;
        }
        if (value.isString()) {
            Pattern pattern = PythonPattern.compile(setting, value.asString(), "%s");
            return key -> pattern.matcher(key).matches();
        }
        List<String> ends = texts(config, setting);
        return key -> ends.stream().anyMatch(end -> key.equals(end) || key.endsWith("." + end));
    }

    private static List<String> texts(ObjectNode config, String setting) {
        List<String> texts = new ArrayList<>();
        for (JsonNode entry : list(config, setting)) {
            texts.add(
                    entry.stringValueOpt()
                            .orElseThrow(
                                    () -> wrong(config, setting, "a text or a list of texts")));
        }
        return texts;
    }

    private static Predicate<String> layers(ObjectNode config) {
        Set<Integer> numbers = layerNumbers(config);
        if (numbers.isEmpty()) {
            return _ -> true;
        }
        List<Pattern> patterns =
                names(config).stream()
                        .map(name ->
                                PythonPattern.compile(
                                        "layers_pattern",
                                        name,
                                        "(?:^|.*?\\.)(?:%s)\\.(\\d{1,9})\\."))
                        .toList();
        return key ->
                patterns.stream()
                        .map(pattern -> pattern.matcher(key))
                        .filter(Matcher::lookingAt)
                        .findFirst()
                        .map(found -> numbers.contains(Integer.parseInt(found.group(1))))
                        .orElse(false);
    }

    /// What layers are numbered under; any name, unless `layers_pattern` says.
    private static List<String> names(ObjectNode config) {
        JsonNode pattern = config.path("layers_pattern");
        if (pattern.isString()) {
            return List.of(pattern.asString());
        }
        List<String> names = pattern.isArray() ? texts(config, "layers_pattern") : List.of();
        return names.isEmpty() ? List.of("[^.]*") : names;
    }

    private static Set<Integer> layerNumbers(ObjectNode config) {
        Set<Integer> numbers = new HashSet<>();
        if (config.path(LAYERS).isInt()) {
            numbers.add(config.path(LAYERS).asInt());
        } else if (config.hasNonNull(LAYERS)) {
            for (JsonNode entry : list(config, LAYERS)) {
                numbers.add(
                        entry.intValueOpt()
                                .orElseThrow(() ->
                                        wrong(
                                                config,
                                                LAYERS,
                                                "a layer's number or a list of them")));
            }
        }
        return numbers;
    }

    private static JsonNode list(ObjectNode config, String setting) {
        if (!config.path(setting).isArray()) {
            throw wrong(config, setting, "a list, or a single one of its kind");
        }
        return config.path(setting);
    }

    private static FormatException wrong(ObjectNode config, String setting, String rule) {
        return new FormatException(
                "%s says %s is %s; it must be %s"
                        .formatted(AdapterConfig.FILE, setting, config.path(setting), rule));
    }
}
