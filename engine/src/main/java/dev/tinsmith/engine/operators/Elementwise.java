package dev.tinsmith.engine.operators;

import dev.tinsmith.engine.graph.Repertoire;
import dev.tinsmith.engine.tensor.ErrorFunction;
import dev.tinsmith.engine.tensor.Kind;
import dev.tinsmith.engine.tensor.Pointwise;
import dev.tinsmith.engine.tensor.Tensor;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoublePredicate;
import java.util.function.DoubleUnaryOperator;

/// Functions of one value, as mathematics knows them. Slopes are written of the value `x` and the
/// function's own value `y`.
final class Elementwise {
    private static final double LOG_2 = Math.log(2);
    private static final double LOG_10 = Math.log(10);

    private Elementwise() {}

    static void into(Repertoire all) {
        exponentials(all);
        roots(all);
        angles(all);
        steps(all);
        tests(all);
        all.tensor(
                "nan_to_num",
                "input, nan?, posinf?, neginf?",
                call -> {
                    double nan = call.real("nan", 0);
                    double up = call.real("posinf", Float.MAX_VALUE);
                    double down = call.real("neginf", -Float.MAX_VALUE);
                    Tensor x = call.tensor("input");
                    return Pointwise.map(
                            x,
                            x.kind(),
                            v -> Double.isNaN(v) ? nan : Double.isFinite(v) ? v : v > 0 ? up : down,
                            (v, _) -> Double.isFinite(v) ? 1 : 0);
                });
    }

    private static void exponentials(Repertoire all) {
        real(all, "exp", Math::exp, (_, y) -> y);
        real(all, "exp2", x -> Math.pow(2, x), (_, y) -> y * LOG_2);
        real(all, "expm1", Math::expm1, (_, y) -> y + 1);
        real(all, "log", Math::log, (x, _) -> 1 / x);
        real(all, "log2", x -> Math.log(x) / LOG_2, (x, _) -> 1 / (x * LOG_2));
        real(all, "log10", Math::log10, (x, _) -> 1 / (x * LOG_10));
        real(all, "log1p", Math::log1p, (x, _) -> 1 / (1 + x));
        real(all, "sigmoid expit", Elementwise::sigmoid, (_, y) -> y * (1 - y));
        real(all, "erf", ErrorFunction::of, (x, _) -> ErrorFunction.slope(x));
        real(all, "erfc", x -> 1 - ErrorFunction.of(x), (x, _) -> -ErrorFunction.slope(x));
    }

    private static void roots(Repertoire all) {
        real(all, "sqrt", Math::sqrt, (_, y) -> 0.5 / y);
        real(all, "rsqrt", x -> 1 / Math.sqrt(x), (x, y) -> -0.5 * y / x);
        real(all, "reciprocal", x -> 1 / x, (_, y) -> -y * y);
        same(all, "square", x -> x * x, (x, _) -> 2 * x);
        same(all, "neg negative", x -> -x, (_, _) -> -1);
        same(all, "pos positive", x -> x, (_, _) -> 1);
        same(all, "abs absolute fabs", Math::abs, (x, _) -> Math.signum(x));
    }

    private static void angles(Repertoire all) {
        real(all, "tanh", Math::tanh, (_, y) -> 1 - y * y);
        real(all, "sinh", Math::sinh, (x, _) -> Math.cosh(x));
        real(all, "cosh", Math::cosh, (x, _) -> Math.sinh(x));
        real(all, "sin", Math::sin, (x, _) -> Math.cos(x));
        real(all, "cos", Math::cos, (x, _) -> -Math.sin(x));
        real(all, "tan", Math::tan, (_, y) -> 1 + y * y);
        real(all, "asin arcsin", Math::asin, (x, _) -> 1 / Math.sqrt(1 - x * x));
        real(all, "acos arccos", Math::acos, (x, _) -> -1 / Math.sqrt(1 - x * x));
        real(all, "atan arctan", Math::atan, (x, _) -> 1 / (1 + x * x));
    }

    private static void steps(Repertoire all) {
        same(all, "sign sgn", Math::signum, (_, _) -> 0);
        same(all, "floor", Math::floor, (_, _) -> 0);
        same(all, "ceil", Math::ceil, (_, _) -> 0);
        same(all, "round", Math::rint, (_, _) -> 0);
        same(all, "trunc fix", Elementwise::truncated, (_, _) -> 0);
        same(all, "frac", x -> x - truncated(x), (_, _) -> 1);
    }

    private static void tests(Repertoire all) {
        test(all, "isnan", Double::isNaN);
        test(all, "isinf", Double::isInfinite);
        test(all, "isfinite", Double::isFinite);
        test(all, "logical_not not_", x -> x == 0);
    }

    static double sigmoid(double x) {
        return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
    }

    private static double truncated(double x) {
        return x < 0 ? Math.ceil(x) : Math.floor(x);
    }

    private static void real(
            Repertoire all, String names, DoubleUnaryOperator f, DoubleBinaryOperator slope) {
        all.number(
                names,
                "input, -out",
                call -> Pointwise.map(call.tensor("input").as(Kind.REAL), Kind.REAL, f, slope));
    }

    private static void same(
            Repertoire all, String names, DoubleUnaryOperator f, DoubleBinaryOperator slope) {
        all.number(
                names,
                "input, -out",
                call -> {
                    Tensor x = call.tensor("input");
                    return Pointwise.map(x, x.kind(), f, slope);
                });
    }

    private static void test(Repertoire all, String names, DoublePredicate is) {
        all.number(
                names,
                "input",
                call ->
                        Pointwise.map(
                                call.tensor("input"),
                                Kind.BOOL,
                                x -> is.test(x) ? 1 : 0,
                                (_, _) -> 0));
    }
}
