package dev.tinsmith.engine.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.Floats;
import dev.tinsmith.engine.LossSpec;
import dev.tinsmith.engine.Tokens;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Each loss on random input against its formula, written here a second time in fp64, and against
/// the slope of that.
class RandomLossesTest {
    private static final int TIMES = 200;
    private static final double STEP = 1e-6;
    private static final double RELATIVE = 1e-5;
    private static final double LOW = 0.8;
    private static final double HIGH = 1.2;

    /// @param held the log-probabilities as they are, which some formulas hold constant
    private record Example(Floats held, Floats q, Floats advantages, Floats mask) {
        static Example random(Random random) {
            int length = 1 + random.nextInt(40);
            Floats lp = floats(length, _ -> -5 * random.nextDouble());
            int counted = random.nextInt(length);
            return new Example(
                    lp,
                    floats(length, t -> lp.at(t) + 0.5 * random.nextGaussian()),
                    floats(length, _ -> random.nextInt(5) == 0 ? 0 : random.nextGaussian()),
                    floats(length, t -> t == counted || random.nextBoolean() ? 1 : 0));
        }

        private static Floats floats(int length, IntToDoubleFunction value) {
            float[] values = new float[length];
            for (int t = 0; t < length; t++) {
                values[t] = (float) value.applyAsDouble(t);
            }
            return Floats.of(values);
        }

        double loss(String name) {
            return IntStream.range(0, held.length()).mapToDouble(t -> term(name, 0, t)).sum();
        }

        /// What token `t` adds with its log-probability moved by `step`.
        double term(String name, double step, int t) {
            double lp = held.at(t) + step;
            double ratio = Math.exp(lp - q.at(t));
            double a = advantages.at(t);
            return switch (name) {
                case "cross_entropy" -> -a * lp;
                case "importance_sampling" -> -ratio * a;
                case "ppo" -> clipped(ratio, a);
                case "cispo" -> -Math.min(Math.exp((double) held.at(t) - q.at(t)), 4) * lp * a;
                case "dro" -> -(lp * a - 0.025 * (lp - q.at(t)) * (lp - q.at(t)));
                default -> clipped(sequence() * Math.exp(step), a);
            };
        }

        private static double clipped(double ratio, double a) {
            return -Math.min(ratio * a, Math.max(LOW, Math.min(HIGH, ratio)) * a);
        }

        private double sequence() {
            double apart = 0;
            double counted = 0;
            for (int t = 0; t < held.length(); t++) {
                apart += mask.at(t) * ((double) held.at(t) - q.at(t));
                counted += mask.at(t);
            }
            return Math.exp(apart / counted);
        }

        /// Whether the slope jumps close to where token `t` is.
        boolean kinked(String name, int t) {
            double ratio =
                    name.equals("gspo") ? sequence() : Math.exp((double) held.at(t) - q.at(t));
            return Math.abs(ratio - LOW) < 1e-4
                    || Math.abs(ratio - HIGH) < 1e-4
                    || Math.abs(ratio - 4) < 1e-4;
        }

        Batch.Datum datum(String name) {
            Map<String, Floats> inputs =
                    switch (name) {
                        case "cross_entropy" -> Map.of("weights", advantages);
                        case "gspo" ->
                                Map.of(
                                        "logprobs", q,
                                        "advantages", advantages,
                                        "sequence_ratio_mask", mask);
                        default -> Map.of("logprobs", q, "advantages", advantages);
                    };
            Tokens tokens = Tokens.of(new int[held.length()]);
            return new Batch.Datum(tokens, tokens, 1, new TreeMap<>(inputs));
        }
    }

    @ParameterizedTest
    @CsvSource({"cross_entropy", "importance_sampling", "ppo", "cispo", "dro", "gspo"})
    void valueAndSlopeAreThoseOfTheFormula(String name) {
        Random random = new Random(name.hashCode());
        LossSpec spec = LossSpec.named(name);
        for (int time = 0; time < TIMES; time++) {
            Example example = Example.random(random);
            Batch.Datum datum = example.datum(name);
            Losses.check(spec, new Batch(List.of(datum)));

            LossFunction.Evaluation found = Losses.of(spec).evaluate(datum, example.held());

            assertThat(found.loss()).isCloseTo(example.loss(name), within(1e-9));
            for (int t = 0; t < example.held().length(); t++) {
                if (!example.kinked(name, t)) {
                    double slope = slope(example, name, t);
                    assertThat((double) found.gradient().at(t))
                            .isCloseTo(slope, within(RELATIVE * Math.max(0.01, Math.abs(slope))));
                }
            }
        }
    }

    private static double slope(Example example, String name, int t) {
        return (example.term(name, STEP, t) - example.term(name, -STEP, t)) / (2 * STEP);
    }
}
