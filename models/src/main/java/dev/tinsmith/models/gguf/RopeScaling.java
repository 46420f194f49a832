package dev.tinsmith.models.gguf;

import dev.tinsmith.engine.format.FormatException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/// How positions are stretched beyond what a model was first trained on, as `config.json` says it.
final class RopeScaling {
    // What every Llama 3.1 and later was trained with. A GGUF file keeps only what follows from
    // them.
    private static final double LOW = 1;
    private static final double HIGH = 4;
    private static final int ORIGINAL_CONTEXT = 8192;
    private static final double TOLERANCE = 1e-4;

    private RopeScaling() {}

    static Optional<Map<String, Object>> of(GgufFile file, DecoderShape shape, double theta) {
        GgufMetadata said = file.metadata();
        Optional<GgufTensor> factors = file.tensor(DecoderTensors.ROPE_FACTORS);
        if (factors.isPresent()) {
            return factors.map(tensor -> llama3(said.file(), tensor, shape, theta));
        }
        String type =
                said.text(
                        shape.kind().key("rope.scaling.type"),
                        said.has(shape.kind().key("rope.scale_linear")) ? "linear" : "none");
        double factor =
                said.real(
                        shape.kind().key("rope.scaling.factor"),
                        said.real(shape.kind().key("rope.scale_linear"), 1));
        if (!Set.of("none", "linear").contains(type)) {
            throw new FormatException(
                    "%s says %s is '%s'; none, linear and Llama 3's are known"
                            .formatted(said.file(), shape.kind().key("rope.scaling.type"), type));
        }
        return type.equals("linear") ? Optional.of(scaling(type, factor)) : Optional.empty();
    }

    private static Map<String, Object> scaling(String type, double factor) {
        Map<String, Object> scaling = new LinkedHashMap<>();
        scaling.put("rope_type", type);
        scaling.put("factor", factor);
        return scaling;
    }

    /// The file has, per frequency, what to divide it by: 1 for high ones, the factor for low ones,
    /// something between for those between. The factor is the largest; the rest must follow.
    private static Map<String, Object> llama3(
            String file, GgufTensor tensor, DecoderShape shape, double theta) {
        float[] factors = new float[tensor.columns()];
        tensor.read(0, factors);
        double factor =
                IntStream.range(0, factors.length).mapToDouble(i -> factors[i]).max().orElse(1);
        boolean follows =
                tensor.shape().size() == 1
                        && factors.length == shape.headWidth() / 2
                        && IntStream.range(0, factors.length)
                                .allMatch(i ->
                                        Math.abs(
                                                        factors[i]
                                                                - divisor(
                                                                        frequency(theta, i, shape),
                                                                        factor))
                                                <= TOLERANCE * factor);
        if (!follows) {
            throw new FormatException(
                    "%s scales positions (%s) in a way that is not Llama 3's; import the model from its Hugging Face folder instead"
                            .formatted(file, DecoderTensors.ROPE_FACTORS));
        }
        Map<String, Object> scaling = scaling("llama3", factor);
        scaling.put("low_freq_factor", LOW);
        scaling.put("high_freq_factor", HIGH);
        scaling.put("original_max_position_embeddings", ORIGINAL_CONTEXT);
        return scaling;
    }

    private static double frequency(double theta, int i, DecoderShape shape) {
        return Math.pow(theta, -2.0 * i / shape.headWidth());
    }

    private static double divisor(double frequency, double factor) {
        double turns = ORIGINAL_CONTEXT * frequency / (2 * Math.PI);
        if (turns > HIGH) {
            return 1;
        }
        if (turns < LOW) {
            return factor;
        }
        double smooth = (turns - LOW) / (HIGH - LOW);
        return 1 / ((1 - smooth) / factor + smooth);
    }
}
