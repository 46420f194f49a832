package dev.tinsmith.models.peft;

import dev.tinsmith.engine.format.AdapterFolder;
import dev.tinsmith.engine.format.FormatException;
import dev.tinsmith.engine.format.Safetensors;
import dev.tinsmith.engine.format.TensorSpec;
import dev.tinsmith.engine.format.WeightFiles;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/// Copies of the base's own tensors in an adapter's file. They may be there if they say what the
/// base says; otherwise the adapter is more than two factors a module.
final class BaseCopies {
    private static final String EMBEDDING = "model.embed_tokens.weight";
    private static final int BLOCK = 1 << 20;

    private BaseCopies() {}

    /// @param copies the tensors of `adapter` that claim to be the base's, and which ones
    /// @throws FormatException for one that is not
    static void check(Safetensors adapter, Map<String, String> copies, Path base) {
        if (copies.isEmpty()) {
            return;
        }
        try (WeightFiles weights = WeightFiles.open(base)) {
            copies.forEach((copy, original) -> check(adapter, copy, weights, original));
        }
    }

    private static void check(
            Safetensors adapter, String copy, WeightFiles weights, String original) {
        String origin = weights.tensors().containsKey(original) ? original : EMBEDDING;
        TensorSpec theirs = Optional.ofNullable(adapter.tensors().get(copy)).orElseThrow();
        boolean same =
                Optional.ofNullable(weights.tensors().get(origin))
                        .filter(ours -> ours.shape().equals(theirs.shape()))
                        .isPresent();
        for (long at = 0; same && at < theirs.elements(); at += BLOCK) {
            int count = (int) Math.min(BLOCK, theirs.elements() - at);
            same =
                    Arrays.equals(
                            adapter.floats(copy, at, count), weights.floats(origin, at, count));
        }
        if (!same) {
            throw new FormatException(
                    "%s holds %s, which is not what the base has there; train without modules_to_save and new tokens, and save with save_embedding_layers=False"
                            .formatted(AdapterFolder.WEIGHTS, copy));
        }
    }
}
