package dev.tinsmith.cli.config;

import dev.tinsmith.cli.terminal.Refusal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// A YAML file of settings: flat, its keys those of [Setting].
final class SettingsFile {
    private SettingsFile() {}

    static Map<Setting, List<String>> read(Path file) {
        if (!Files.isReadable(file)) {
            throw new Refusal(
                    "the configuration file %s cannot be read; check its name and its mode"
                            .formatted(file));
        }
        JsonNode root = parse(file);
        if (root.isMissingNode() || root.isNull()) {
            return Map.of();
        }
        if (!root.isObject()) {
            throw new Refusal("%s must hold `key: value` lines".formatted(file.getFileName()));
        }
        Map<Setting, List<String>> values = new EnumMap<>(Setting.class);
        for (Map.Entry<String, JsonNode> property : root.properties()) {
            String key = property.getKey();
            Setting setting =
                    Setting.byKey(key)
                            .orElseThrow(() ->
                                    Settings.unknown(key, String.valueOf(file.getFileName()), key));
            values.put(setting, values(setting, property.getValue()));
        }
        return values;
    }

    private static JsonNode parse(Path file) {
        try {
            return new YAMLMapper().readTree(file);
        } catch (JacksonException broken) {
            throw new Refusal(
                    "%s is no YAML at line %d; correct that line"
                            .formatted(file.getFileName(), broken.getLocation().getLineNr()));
        }
    }

    private static List<String> values(Setting setting, JsonNode value) {
        if (value.isArray() && setting.repeats()) {
            List<String> all = new ArrayList<>();
            value.forEach(each -> all.addAll(values(setting, each)));
            return all;
        }
        if (!value.isValueNode()) {
            throw new Refusal("'%s' takes one value".formatted(setting.key()));
        }
        return List.of(value.asString());
    }
}
