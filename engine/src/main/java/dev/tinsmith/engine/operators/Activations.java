package dev.tinsmith.engine.operators;

import dev.tinsmith.engine.graph.Call;
import dev.tinsmith.engine.graph.Repertoire;
import dev.tinsmith.engine.tensor.ErrorFunction;
import dev.tinsmith.engine.tensor.Kind;
import dev.tinsmith.engine.tensor.Pointwise;
import dev.tinsmith.engine.tensor.Tensor;
import java.util.function.DoubleUnaryOperator;

/// Functions of one value, as networks know them.
final class Activations {
    private static final double ROOT_HALF = Math.sqrt(0.5);

    private Activations() {}

    static void into(Repertoire all) {
        all.tensor("relu", "input, -inplace", call -> between(call, 0, Double.POSITIVE_INFINITY));
        all.tensor("relu6", "input, -inplace", call -> between(call, 0, 6));
        all.tensor(
                "hardtanh",
                "input, min_val?, max_val?, -inplace",
                call -> between(call, call.real("min_val", -1), call.real("max_val", 1)));
        all.tensor(
                "leaky_relu",
                "input, negative_slope?, -inplace",
                call -> {
                    double slope = call.real("negative_slope", 0.01);
                    return map(call, x -> x > 0 ? x : slope * x, x -> x > 0 ? 1 : slope);
                });
        all.tensor(
                "elu",
                "input, alpha?, -inplace",
                call -> {
                    double alpha = call.real("alpha", 1);
                    return map(
                            call,
                            x -> x > 0 ? x : alpha * Math.expm1(x),
                            x -> x > 0 ? 1 : alpha * Math.exp(x));
                });
        all.tensor(
                "silu",
                "input, -inplace",
                call ->
                        map(
                                call,
                                x -> x * Elementwise.sigmoid(x),
                                x -> {
                                    double s = Elementwise.sigmoid(x);
                                    return s * (1 + x * (1 - s));
                                }));
        all.tensor(
                "softsign",
                "input",
                call ->
                        map(
                                call,
                                x -> x / (1 + Math.abs(x)),
                                x -> 1 / ((1 + Math.abs(x)) * (1 + Math.abs(x)))));
        all.tensor(
                "logsigmoid log_sigmoid",
                "input",
                call ->
                        map(
                                call,
                                x -> Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x))),
                                x -> Elementwise.sigmoid(-x)));
        all.tensor("softplus", "input, beta?, threshold?", Activations::softplus);
        all.tensor("gelu", "input, approximate?", Activations::gelu);
    }

    private static Tensor softplus(Call call) {
        double beta = call.real("beta", 1);
        double threshold = call.real("threshold", 20);
        return map(
                call,
                x -> x * beta > threshold ? x : Math.log1p(Math.exp(x * beta)) / beta,
                x -> x * beta > threshold ? 1 : Elementwise.sigmoid(x * beta));
    }

    private static Tensor gelu(Call call) {
        String approximate = call.text("approximate", "none");
        if (!approximate.equals("none")) {
            throw new IllegalArgumentException(
                    "'approximate' is '%s'; only 'none' is supported here".formatted(approximate));
        }
        return map(
                call,
                x -> 0.5 * x * (1 + ErrorFunction.of(x * ROOT_HALF)),
                x ->
                        0.5 * (1 + ErrorFunction.of(x * ROOT_HALF))
                                + 0.5 * x * ROOT_HALF * ErrorFunction.slope(x * ROOT_HALF));
    }

    /// The value, kept inside a range; on its edges, as outside, there is no slope.
    private static Tensor between(Call call, double low, double high) {
        Tensor x = call.tensor("input");
        return Pointwise.map(
                x, x.kind(), v -> Math.clamp(v, low, high), (v, _) -> v > low && v < high ? 1 : 0);
    }

    private static Tensor map(Call call, DoubleUnaryOperator f, DoubleUnaryOperator slope) {
        return Pointwise.map(
                call.tensor("input").as(Kind.REAL), Kind.REAL, f, (x, _) -> slope.applyAsDouble(x));
    }
}
