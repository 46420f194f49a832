package dev.tinsmith.models.peft;

import dev.tinsmith.engine.format.AdapterFolder;
import dev.tinsmith.engine.format.FormatException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a tensor is, by its name in the file of another tool. What tools wrap around a model while
/// training, and the name of the adapter, are not part of a module's name.
sealed interface ForeignName {

    /// A or B of the module that PEFT calls `key`.
    record Factor(String key, boolean isA) implements ForeignName {}

    /// A copy of a tensor of the base, which PEFT adds where embeddings are involved.
    record BaseCopy(String tensor) implements ForeignName {}

    /// Tells from its name what `tensor` is.
    ///
    /// @throws FormatException if no plain adapter has such a tensor
    static ForeignName of(String tensor) {
        String name =
                Names.WRAPPER
                        .matcher(tensor)
                        .replaceAll("")
                        .replaceFirst("^module\\.", "")
                        .replaceFirst("^base_model\\.(model\\.)?", "");
        Matcher factor = Names.FACTOR.matcher(name);
        if (factor.matches()) {
            return new Factor(factor.group(1), factor.group(2).equals("A"));
        }
        Matcher copy = Names.BASE_COPY.matcher(name);
        if (copy.matches()) {
            return new BaseCopy(copy.group(1) + ".weight");
        }
        throw new FormatException(
                "%s holds %s; %s".formatted(AdapterFolder.WEIGHTS, tensor, Names.why(name)));
    }

    /// The shapes of names.
    final class Names {
        private static final Pattern WRAPPER =
                Pattern.compile(
                        "\\b(_fsdp_wrapped_module|_orig_mod|_checkpoint_wrapped_module)\\.");
        private static final Pattern FACTOR =
                Pattern.compile("(.+)\\.lora_([AB])(?:\\.[A-Za-z0-9_-]+)?\\.weight");
        private static final Pattern BASE_COPY =
                Pattern.compile("((?:.+\\.)?(?:embed_tokens|lm_head))(?:\\.base_layer)?\\.weight");

        private Names() {}

        private static String why(String name) {
            if (name.contains("lora_embedding_")) {
                return "the input embedding is not adapted here, train without it";
            }
            if (name.contains("lora_magnitude_vector")) {
                return "DoRA's magnitudes are not trained here, train without use_dora";
            }
            if (name.endsWith(".bias")) {
                return "biases are not trained here, train with bias \"none\"";
            }
            return List.of("modules_to_save", "original_module").stream().anyMatch(name::contains)
                    ? "whole modules are not trained here, train without modules_to_save"
                    : "a plain LoRA adapter has only such as base_model.model.model.layers.0.mlp.up_proj.lora_A.weight";
        }
    }
}
