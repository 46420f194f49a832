package dev.tinsmith.engine.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.Floats;
import dev.tinsmith.engine.LossSpec;
import dev.tinsmith.engine.Tokens;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Each loss of the protocol, its value and its gradient, against PyTorch's autograd in fp64.
class GoldenLossesTest {
    private static final Path GOLDEN = Path.of("../conformance/golden/losses/builtin.json");
    private static final double RELATIVE = 1e-6;

    static Stream<Case> cases() {
        return JsonMapper.shared().readTree(GOLDEN.toFile()).valueStream().map(Case::new);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theLossAndItsGradientAreThoseOfAutograd(Case expected) {
        Losses.check(expected.spec(), new Batch(List.of(expected.datum())));

        LossFunction.Evaluation found =
                Losses.of(expected.spec()).evaluate(expected.datum(), expected.logprobs());

        assertThat(found.loss()).isCloseTo(expected.value(), apart(expected.value()));
        double[] gradient = expected.gradient();
        assertThat(found.gradient().length()).isEqualTo(gradient.length);
        for (int i = 0; i < gradient.length; i++) {
            assertThat((double) found.gradient().at(i)).isCloseTo(gradient[i], apart(gradient[i]));
        }
    }

    private static org.assertj.core.data.Offset<Double> apart(double expected) {
        return within(RELATIVE * Math.max(1e-3, Math.abs(expected)));
    }

    /// One line of the file.
    record Case(JsonNode facts) {
        LossSpec spec() {
            SortedMap<String, Double> config = new TreeMap<>();
            facts.path("config")
                    .properties()
                    .forEach(
                            setting -> config.put(setting.getKey(), setting.getValue().asDouble()));
            return new LossSpec(facts.path("loss").asString(), config);
        }

        Floats logprobs() {
            return floats(facts.path("logprobs"));
        }

        Batch.Datum datum() {
            JsonNode shape = facts.at("/logprobs/shape");
            int width = shape.size() == 2 ? shape.path(1).asInt() : 1;
            SortedMap<String, Floats> inputs = new TreeMap<>();
            facts.path("inputs")
                    .properties()
                    .forEach(input -> inputs.put(input.getKey(), floats(input.getValue())));
            int[] tokens = new int[shape.path(0).asInt()];
            int[] targets = new int[tokens.length * width];
            return new Batch.Datum(Tokens.of(tokens), Tokens.of(targets), width, inputs);
        }

        double value() {
            return facts.path("value").asDouble();
        }

        double[] gradient() {
            return facts.path("gradient").valueStream().mapToDouble(JsonNode::asDouble).toArray();
        }

        private static Floats floats(JsonNode table) {
            float[] values = new float[table.path("data").size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) table.path("data").path(i).asDouble();
            }
            return Floats.of(values);
        }

        @Override
        public String toString() {
            return "%s %s, %s, %s"
                    .formatted(
                            facts.path("loss").asString(),
                            facts.path("config"),
                            facts.path("about").asString(),
                            facts.at("/logprobs/shape"));
        }
    }
}
