package dev.tinsmith.engine.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tinsmith.engine.graph.Program;
import dev.tinsmith.engine.graph.Uploads;
import dev.tinsmith.engine.tensor.Table;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Losses as clients write them, and every operation by itself, traced by the official client:
/// value, gradient and metrics against PyTorch's autograd in fp64.
class TracedLossesTest {
    private static final Path GOLDEN = Path.of("../conformance/golden/losses");
    private static final double RELATIVE = 1e-6;

    static Stream<Loss> losses() {
        return Stream.of("traced.json", "operators.json")
                .map(file -> JsonMapper.shared().readTree(GOLDEN.resolve(file).toFile()))
                .flatMap(JsonNode::valueStream)
                .map(Loss::new);
    }

    /// One line of the file.
    record Loss(JsonNode facts) {
        @Override
        public String toString() {
            return facts.path("name").asString();
        }
    }

    @ParameterizedTest
    @MethodSource("losses")
    void theLossAndItsGradientAreThoseOfAutograd(Loss loss) {
        Program program = Program.of(Uploads.read(loss.facts().path("upload")), Operators.ALL);

        for (JsonNode expected : loss.facts().path("cases")) {
            TreeMap<String, Table> inputs = new TreeMap<>();
            inputs.put("logprobs", table(expected.path("logprobs")));
            expected.path("inputs")
                    .properties()
                    .forEach(input -> inputs.put(input.getKey(), table(input.getValue())));

            Program.Said said = program.run(inputs);

            close(said.loss(), expected.path("value").asDouble());
            JsonNode gradient = expected.path("gradient");
            assertThat(said.gradient().length()).isEqualTo(gradient.size());
            for (int i = 0; i < gradient.size(); i++) {
                close(said.gradient().at(i), gradient.path(i).asDouble());
            }
            assertThat(said.metrics()).hasSize(expected.path("metrics").size());
            for (Map.Entry<String, JsonNode> metric : expected.path("metrics").properties()) {
                assertThat(said.metrics()).containsKey(metric.getKey());
                close(
                        said.metrics().getOrDefault(metric.getKey(), Double.NaN),
                        metric.getValue().asDouble());
            }
        }
    }

    private static void close(double found, double expected) {
        Offset<Double> apart = within(RELATIVE * Math.max(1e-2, Math.abs(expected)));
        assertThat(found).isCloseTo(expected, apart);
    }

    private static Table table(JsonNode table) {
        List<Integer> shape = new ArrayList<>();
        table.path("shape").forEach(length -> shape.add(length.asInt()));
        double[] values =
                table.path("data").valueStream().mapToDouble(JsonNode::asDouble).toArray();
        return Table.of(table.path("dtype").asString().equals("int64"), shape, values);
    }
}
