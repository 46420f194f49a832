package dev.tinsmith.models;

import dev.tinsmith.engine.format.DType;
import dev.tinsmith.engine.format.FormatException;
import dev.tinsmith.engine.format.HfConfig;
import dev.tinsmith.engine.format.TensorSpec;
import dev.tinsmith.engine.format.WeightFiles;
import dev.tinsmith.models.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;

/// Whether a Hugging Face folder holds a model that can be trained here. Headers are read, numbers
/// are not.
final class ModelCheck {
    private static final Set<DType> DTYPES = EnumSet.of(DType.F32, DType.F16, DType.BF16);

    private ModelCheck() {}

    /// Checks `folder`.
    ///
    /// @return how many parameters the model has
    /// @throws FormatException for the first thing that is wrong
    static long check(Path folder) {
        HfConfig config = HfConfig.read(folder);
        Architecture architecture = Architectures.of(config);
        if (config.has("quantization_config")) {
            throw new FormatException(
                    "config.json has a quantization_config; quantised weights are read from GGUF files only, take the model in F32, F16 or BF16");
        }
        SortedMap<String, List<Long>> wanted = architecture.tensors(config);
        try (WeightFiles weights = WeightFiles.open(folder)) {
            long parameters = 0;
            for (Map.Entry<String, List<Long>> tensor : wanted.entrySet()) {
                parameters += check(weights, tensor.getKey(), tensor.getValue());
            }
            refuseStrangers(architecture, wanted, weights);
            checkTokenizer(folder, config.integer("vocab_size"));
            return parameters;
        }
    }

    private static long check(WeightFiles weights, String name, List<Long> shape) {
        TensorSpec found =
                Optional.ofNullable(weights.tensors().get(name))
                        .orElseThrow(() ->
                                new FormatException(
                                        "the weights lack %s, which config.json asks for; take the model from its source again"
                                                .formatted(name)));
        if (!found.shape().equals(shape)) {
            throw new FormatException(
                    "the weights hold %s in the shape %s; config.json makes it %s"
                            .formatted(name, found.shape(), shape));
        }
        if (!DTYPES.contains(found.dtype())) {
            throw new FormatException(
                    "the weights hold %s as %s; they must be F32, F16 or BF16"
                            .formatted(name, found.dtype()));
        }
        return found.elements();
    }

    /// A tensor nobody computes with, such as a bias, would make another model of it.
    private static void refuseStrangers(
            Architecture architecture, SortedMap<String, List<Long>> wanted, WeightFiles weights) {
        List<String> strangers =
                weights.tensors().keySet().stream()
                        .filter(name -> !wanted.containsKey(name) && !architecture.mayHold(name))
                        .toList();
        if (!strangers.isEmpty()) {
            throw new FormatException(
                    "the weights hold %d tensors that a %s like this does not have, such as %s; it cannot be computed here"
                            .formatted(
                                    strangers.size(), architecture.name(), strangers.getFirst()));
        }
    }

    private static void checkTokenizer(Path folder, int embedded) {
        try (Tokenizer tokenizer = Tokenizer.open(folder)) {
            if (tokenizer.vocabulary() > embedded) {
                throw new FormatException(
                        "tokenizer.json has ids up to %d; config.json says vocab_size is %d, so they belong to different models"
                                .formatted(tokenizer.vocabulary() - 1, embedded));
            }
        }
    }
}
