package dev.tinsmith.models.peft;

import dev.tinsmith.engine.format.AdapterConfig;
import dev.tinsmith.engine.format.FolderFile;
import dev.tinsmith.engine.format.FormatException;
import dev.tinsmith.engine.format.JsonFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// An `adapter_config.json` that PEFT or another tool wrote, which a plain adapter can say.
///
/// @param file as it was read
/// @param baseModel the name of the model underneath, or where it lay
/// @param rootScaled whether the scale is alpha/√r, as rsLoRA has it, and not alpha/r
/// @param dropout what was left out while training
record PeftSettings(
        ObjectNode file,
        Optional<String> baseModel,
        ModuleNumbers ranks,
        ModuleNumbers alphas,
        boolean rootScaled,
        Targets targets,
        double dropout) {

    /// Reads the one in `folder`.
    ///
    /// @throws FormatException if it is none, or says what cannot be said here
    static PeftSettings read(Path folder) {
        if (!Files.exists(folder.resolve(AdapterConfig.FILE))) {
            throw new FormatException(
                    "there is no %s in the folder; name the one that PEFT's save_pretrained wrote"
                            .formatted(AdapterConfig.FILE));
        }
        ObjectNode config = JsonFile.read(FolderFile.inside(folder, AdapterConfig.FILE));
        Unsayable.check(config);
        return new PeftSettings(
                config,
                config.path("base_model_name_or_path")
                        .stringValueOpt()
                        .filter(name -> !name.isBlank()),
                ModuleNumbers.read(config, "r", "rank_pattern", ModuleNumbers.Rule.COUNT),
                ModuleNumbers.read(config, "lora_alpha", "alpha_pattern", ModuleNumbers.Rule.ALPHA),
                rootScaled(config.path("use_rslora")),
                Targets.read(config),
                config.path("lora_dropout").asDouble(0));
    }

    private static boolean rootScaled(JsonNode value) {
        if (value.isMissingNode() || value.isNull()) {
            return false;
        }
        return value.booleanValueOpt()
                .orElseThrow(() ->
                        new FormatException(
                                "%s says use_rslora is %s; it must be true or false"
                                        .formatted(AdapterConfig.FILE, value)));
    }

    /// The rank of the module that PEFT calls `key`.
    int rank(String key) {
        return (int) ranks.of(key);
    }

    /// What B·A of that module is multiplied by.
    double scale(String key) {
        double rank = ranks.of(key);
        return alphas.of(key) / (rootScaled ? Math.sqrt(rank) : rank);
    }
}
