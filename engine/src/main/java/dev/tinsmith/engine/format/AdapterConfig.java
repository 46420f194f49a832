package dev.tinsmith.engine.format;

import dev.tinsmith.engine.LoraSpec;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// PEFT's `adapter_config.json`.
///
/// @param baseModel the name of the model underneath
public record AdapterConfig(LoraSpec lora, String baseModel) {
    /// The file's name.
    public static final String FILE = "adapter_config.json";

    /// The unembedding's module.
    public static final String UNEMBEDDING = "lm_head";

    /// Attention's modules, by the last part of their names.
    public static final List<String> ATTENTION = List.of("q_proj", "k_proj", "v_proj", "o_proj");

    /// The feed-forward's.
    public static final List<String> MLP = List.of("gate_proj", "up_proj", "down_proj");

    /// The one key in the file that is ours and not PEFT's.
    public static final String OWN = "tinsmith";

    private static final String ORIGIN = "imported";

    /// Reads the one in `folder`. One that PEFT wrote is understood as far as a [LoraSpec] can say
    /// it.
    ///
    /// @throws FormatException if it says anything else
    public static AdapterConfig read(Path folder) {
        ObjectNode config = JsonFile.read(folder.resolve(FILE));
        require(config, "peft_type", config.path("peft_type").asString(""), "LORA");
        require(
                config,
                "lora_alpha",
                config.path("lora_alpha").asDouble(0),
                (double) LoraSpec.ALPHA);
        for (String key : List.of("use_dora", "use_rslora", "fan_in_fan_out")) {
            require(config, key, config.path(key).asBoolean(false), false);
        }
        for (String key : List.of("rank_pattern", "alpha_pattern", "modules_to_save")) {
            require(config, key, config.path(key).isEmpty(), true);
        }
        String baseModel =
                config.path("base_model_name_or_path")
                        .stringValueOpt()
                        .orElseThrow(() ->
                                new FormatException(
                                        "%s lacks base_model_name_or_path, a text"
                                                .formatted(FILE)));
        try {
            return new AdapterConfig(lora(config), baseModel);
        } catch (IllegalArgumentException refused) {
            throw new FormatException("%s: %s".formatted(FILE, refused.getMessage()), refused);
        }
    }

    private static LoraSpec lora(ObjectNode config) {
        Set<String> modules = new HashSet<>();
        config.path("target_modules").forEach(module -> modules.add(module.asString("")));
        boolean attn = modules.containsAll(ATTENTION);
        boolean mlp = modules.containsAll(MLP);
        boolean unembed = modules.contains(UNEMBEDDING);
        if (modules.isEmpty() || !modules.equals(Set.copyOf(modules(attn, mlp, unembed)))) {
            throw new FormatException(
                    "%s says target_modules is %s; attention's %s, the feed-forward's %s and %s are adapted as a whole or not at all"
                            .formatted(FILE, new TreeSet<>(modules), ATTENTION, MLP, UNEMBEDDING));
        }
        long seed = config.path(OWN).path("seed").asLong(0);
        return new LoraSpec(config.path("r").asInt(0), seed, attn, mlp, unembed);
    }

    private static <T> void require(ObjectNode config, String key, T found, T only) {
        if (!found.equals(only)) {
            throw new FormatException(
                    "%s says %s is %s; adapters of this kind are not read, train one here"
                            .formatted(FILE, key, config.path(key)));
        }
    }

    /// The last part of the name of every adapted module, sorted.
    public List<String> targetModules() {
        return modules(lora.attn(), lora.mlp(), lora.unembed());
    }

    private static List<String> modules(boolean attn, boolean mlp, boolean unembed) {
        TreeSet<String> modules = new TreeSet<>();
        if (attn) {
            modules.addAll(ATTENTION);
        }
        if (mlp) {
            modules.addAll(MLP);
        }
        if (unembed) {
            modules.add(UNEMBEDDING);
        }
        return List.copyOf(modules);
    }

    /// Writes it into `folder` with what PEFT has no word for beside it, under a key of our own.
    public void write(Path folder) {
        ObjectNode config = peft();
        config.putObject(OWN).put("seed", lora.seed());
        JsonFile.write(folder.resolve(FILE), config);
    }

    /// As [#write], and notes what the adapter was before it came here.
    public void write(Path folder, ObjectNode origin) {
        ObjectNode config = peft();
        config.putObject(OWN).put("seed", lora.seed()).set(ORIGIN, origin);
        JsonFile.write(folder.resolve(FILE), config);
    }

    /// What [#write(Path, ObjectNode)] noted in `folder`.
    public static Optional<JsonNode> origin(Path folder) {
        return JsonFile.read(folder.resolve(FILE)).path(OWN).optional(ORIGIN);
    }

    /// Writes it into `folder` with the keys that PEFT knows, and no other.
    public void writeForPeft(Path folder) {
        JsonFile.write(folder.resolve(FILE), peft());
    }

    /// The file with the keys that PEFT knows, and no other.
    public ObjectNode peft() {
        ObjectNode config = JsonFile.empty();
        config.putObject("alpha_pattern");
        config.putNull("auto_mapping");
        config.put("base_model_name_or_path", baseModel);
        config.put("bias", "none");
        config.put("fan_in_fan_out", false);
        config.put("inference_mode", true);
        config.put("init_lora_weights", true);
        config.put("lora_alpha", LoraSpec.ALPHA);
        config.put("lora_dropout", 0.0);
        config.putNull("modules_to_save");
        config.put("peft_type", "LORA");
        config.put("r", lora.rank());
        config.putObject("rank_pattern");
        ArrayNode modules = config.putArray("target_modules");
        targetModules().forEach(modules::add);
        config.put("task_type", "CAUSAL_LM");
        return config;
    }
}
