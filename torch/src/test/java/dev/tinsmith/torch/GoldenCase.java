package dev.tinsmith.torch;

import dev.tinsmith.engine.AdamStep;
import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.Floats;
import dev.tinsmith.engine.LoraSpec;
import dev.tinsmith.engine.LossSpec;
import dev.tinsmith.engine.Tokens;
import dev.tinsmith.engine.format.AdapterConfig;
import dev.tinsmith.engine.format.Safetensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// One folder of `conformance/golden`, whose README says what is in it: what transformers and peft
/// say of a tiny model.
final class GoldenCase {
    private static final Path GOLDEN = Path.of("..", "conformance", "golden");

    private final Path folder;
    private final JsonNode facts;
    private final SortedMap<String, float[]> expected = new TreeMap<>();

    /// Those of families that are more than a Llama.
    static Stream<String> families() {
        return Stream.of(
                "mistral", "qwen2", "qwen3", "gemma2", "gemma3", "yarn", "mixtral", "qwen3_moe");
    }

    /// Every one.
    static Stream<String> all() {
        return Stream.concat(
                Stream.of("untied", "tied", "rope", "wide_heads", "sharded", "bf16"), families());
    }

    GoldenCase(String name) {
        this.folder = GOLDEN.resolve(name);
        this.facts = JsonMapper.shared().readTree(folder.resolve("case.json").toFile());
        try (Safetensors file = Safetensors.open(folder.resolve("expected.safetensors"))) {
            file.tensors().keySet().forEach(key -> expected.put(key, file.floats(key)));
        }
    }

    Base base() {
        return new Base("golden", folder.resolve("checkpoint"));
    }

    Path adapter() {
        return folder.resolve("adapter");
    }

    LoraSpec lora() {
        return AdapterConfig.read(adapter()).lora();
    }

    /// The numbers of one tensor, row-major.
    float[] expected(String name) {
        return Objects.requireNonNull(expected.get(name), name);
    }

    /// Those after `prefix` in the name of every tensor that begins with it.
    List<String> names(String prefix) {
        return expected.keySet().stream()
                .filter(name -> name.startsWith(prefix))
                .map(name -> name.substring(prefix.length()))
                .toList();
    }

    LossSpec loss(String name) {
        SortedMap<String, Double> config = new TreeMap<>();
        facts.at("/losses/" + name + "/config")
                .properties()
                .forEach(setting -> config.put(setting.getKey(), setting.getValue().asDouble()));
        return new LossSpec(name, config);
    }

    double lossValue(String name) {
        return facts.at("/losses/" + name + "/loss").asDouble();
    }

    /// Every datum, with the inputs that the loss called `name` takes.
    Batch batch(String name) {
        List<String> inputs =
                name.equals("cross_entropy")
                        ? List.of("weights")
                        : List.of("advantages", "logprobs");
        List<Batch.Datum> data = new ArrayList<>();
        for (JsonNode datum : facts.path("data")) {
            TreeMap<String, Floats> values = new TreeMap<>();
            inputs.forEach(input -> values.put(input, Floats.of(floats(datum.path(input)))));
            data.add(
                    new Batch.Datum(
                            Tokens.of(ints(datum.path("tokens"))),
                            Tokens.of(ints(datum.path("target_tokens"))),
                            1,
                            values));
        }
        return new Batch(data);
    }

    /// The first datum, with the whole vocabulary as the targets of each position.
    Batch everyToken(int vocabulary) {
        int[] tokens = ints(facts.at("/data/0/tokens"));
        int[] all =
                Stream.generate(() -> IntStream.range(0, vocabulary))
                        .limit(tokens.length)
                        .flatMapToInt(row -> row)
                        .toArray();
        return new Batch(
                List.of(
                        new Batch.Datum(
                                Tokens.of(tokens), Tokens.of(all), vocabulary, new TreeMap<>())));
    }

    /// The tokens of `greedy`: what is continued, or how, by the `base` or the `adapted` model.
    Tokens greedy(String which) {
        return Tokens.of(ints(facts.path("greedy").path(which)));
    }

    AdamStep adam() {
        JsonNode adam = facts.path("adam");
        return new AdamStep(
                adam.path("learning_rate").asDouble(),
                adam.path("beta1").asDouble(),
                adam.path("beta2").asDouble(),
                adam.path("eps").asDouble(),
                adam.path("weight_decay").asDouble(),
                adam.path("grad_clip_norm").asDouble());
    }

    /// The loss before each step, and the norm of its gradient.
    List<Step> steps() {
        List<Step> steps = new ArrayList<>();
        for (JsonNode step : facts.path("steps")) {
            steps.add(
                    new Step(step.path("loss").asDouble(), step.path("gradient_norm").asDouble()));
        }
        return steps;
    }

    record Step(double loss, double gradientNorm) {}

    /// The rows of `logits` less the logarithm of the sum of their exponentials.
    static float[] logSoftmax(float[] logits, int columns) {
        float[] logprobs = new float[logits.length];
        for (int row = 0; row < logits.length; row += columns) {
            float[] cells = Arrays.copyOfRange(logits, row, row + columns);
            double sum = 0;
            for (float cell : cells) {
                sum += Math.exp(cell);
            }
            for (int column = 0; column < columns; column++) {
                logprobs[row + column] = (float) (cells[column] - Math.log(sum));
            }
        }
        return logprobs;
    }

    private static int[] ints(JsonNode row) {
        return row.valueStream().mapToInt(JsonNode::asInt).toArray();
    }

    private static float[] floats(JsonNode row) {
        float[] values = new float[row.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) row.path(i).asDouble();
        }
        return values;
    }
}
