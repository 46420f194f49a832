package dev.tinsmith.engine.operators;

import dev.tinsmith.engine.graph.Call;
import dev.tinsmith.engine.graph.Repertoire;
import dev.tinsmith.engine.tensor.Kind;
import dev.tinsmith.engine.tensor.Pointwise;
import dev.tinsmith.engine.tensor.Products;
import dev.tinsmith.engine.tensor.Tensor;
import java.util.Arrays;
import java.util.function.BinaryOperator;

/// Functions of two numbers.
final class Arithmetic {
    private Arithmetic() {}

    static void into(Repertoire all) {
        all.number("add", "input, other, alpha?", call -> add(call, 1));
        all.number("sub subtract", "input, other, alpha?", call -> add(call, -1));
        all.number("rsub", "other, input", call -> add(call, -1));
        of(all, "mul multiply", Arithmetic::times);
        all.number("div divide", "input, other, rounding_mode?", Arithmetic::divided);
        of(all, "truediv true_divide", Arithmetic::over);
        of(all, "floordiv floor_divide", Arithmetic::floorDivided);
        of(all, "mod remainder", (a, b) -> minus(a, times(floorDivided(a, b), b)));
        of(all, "fmod", (a, b) -> minus(a, times(over(a, b, "trunc"), b)));
        of(all, "pow", Arithmetic::power);
        of(all, "logaddexp", Arithmetic::logAddExp);
        of(all, "xlogy", Arithmetic::xLogY);
        of(all, "minimum", (a, b) -> extreme(a, b, false));
        of(all, "maximum", (a, b) -> extreme(a, b, true));
        all.tensor("clamp clip", "input, min?, max?", Arithmetic::clamp);
        all.tensor("clamp_min", "input, min", Arithmetic::clamp);
        all.tensor("clamp_max", "input, max", Arithmetic::clamp);
        all.tensor(
                "lerp",
                "input, end, weight",
                call -> {
                    Tensor from = call.tensor("input");
                    Tensor way = minus(call.tensor("end"), from);
                    return plus(from, times(call.tensor("weight"), way));
                });
        of(all, "matmul mm mv", Products::of);
        of(all, "dot inner vdot", Arithmetic::dot);
    }

    private static void of(Repertoire all, String names, BinaryOperator<Tensor> f) {
        all.number(
                names,
                "input, other, -out",
                call -> f.apply(call.tensor("input"), call.tensor("other")));
    }

    private static Tensor add(Call call, int sign) {
        Tensor a = call.tensor("input");
        Tensor b = call.tensor("other");
        if (call.has("alpha")) {
            b = times(call.tensor("alpha"), b);
        }
        boolean bools = a.kind() == Kind.BOOL && b.kind() == Kind.BOOL;
        if (!bools) {
            return sign > 0 ? plus(a, b) : minus(a, b);
        }
        if (call.isOfNumbers()) {
            return sign > 0
                    ? plus(a.as(Kind.WHOLE), b.as(Kind.WHOLE))
                    : minus(a.as(Kind.WHOLE), b.as(Kind.WHOLE));
        }
        if (sign < 0) {
            throw new IllegalArgumentException(
                    "subtracts one mask from another; use logical_xor, or float() first");
        }
        return Pointwise.compare(Kind.BOOL, a, b, Math::max);
    }

    static Tensor plus(Tensor a, Tensor b) {
        return Pointwise.zip(
                a.kind().with(b.kind()), a, b, Double::sum, (_, _, _) -> 1, (_, _, _) -> 1);
    }

    static Tensor minus(Tensor a, Tensor b) {
        return Pointwise.zip(
                a.kind().with(b.kind()), a, b, (x, y) -> x - y, (_, _, _) -> 1, (_, _, _) -> -1);
    }

    static Tensor times(Tensor a, Tensor b) {
        return Pointwise.zip(
                a.kind().with(b.kind()), a, b, (x, y) -> x * y, (_, y, _) -> y, (x, _, _) -> x);
    }

    static Tensor times(Tensor a, double factor) {
        return times(a, a.tape().number(Kind.REAL, factor));
    }

    static Tensor over(Tensor a, Tensor b) {
        return Pointwise.zip(
                Kind.REAL,
                a,
                b,
                (x, y) -> x / y,
                (_, y, _) -> 1 / y,
                (_, y, quotient) -> -quotient / y);
    }

    private static Tensor divided(Call call) {
        Tensor a = call.tensor("input");
        Tensor b = call.tensor("other");
        return call.has("rounding_mode") ? over(a, b, call.text("rounding_mode", "")) : over(a, b);
    }

    private static Tensor over(Tensor a, Tensor b, String rounding) {
        if (rounding.equals("floor")) {
            return floorDivided(a, b);
        }
        if (rounding.equals("trunc")) {
            return Pointwise.compare(
                    a.kind().with(b.kind()), a, b, (x, y) -> (double) (long) (x / y));
        }
        throw new IllegalArgumentException(
                "'rounding_mode' is '%s'; it must be 'floor' or 'trunc'".formatted(rounding));
    }

    private static Tensor floorDivided(Tensor a, Tensor b) {
        return Pointwise.compare(a.kind().with(b.kind()), a, b, (x, y) -> Math.floor(x / y));
    }

    static Tensor power(Tensor a, Tensor b) {
        boolean inverse = Arrays.stream(b.toArray()).anyMatch(exponent -> exponent < 0);
        return Pointwise.zip(
                inverse ? Kind.REAL : a.kind().with(b.kind()),
                a,
                b,
                Math::pow,
                (x, y, _) -> y == 0 ? 0 : y * Math.pow(x, y - 1),
                (x, y, value) -> x == 0 && y >= 0 ? 0 : value * Math.log(x));
    }

    private static Tensor logAddExp(Tensor a, Tensor b) {
        return Pointwise.zip(
                Kind.REAL,
                a,
                b,
                (x, y) ->
                        x == y
                                ? x + Math.log(2)
                                : Math.max(x, y) + Math.log1p(Math.exp(-Math.abs(x - y))),
                (x, _, value) -> Math.exp(x - value),
                (_, y, value) -> Math.exp(y - value));
    }

    static Tensor xLogY(Tensor a, Tensor b) {
        return Pointwise.zip(
                Kind.REAL,
                a,
                b,
                (x, y) -> x == 0 && !Double.isNaN(y) ? 0 : x * Math.log(y),
                (x, y, _) -> x == 0 && y <= 0 ? 0 : Math.log(y),
                (x, y, _) -> x / y);
    }

    static Tensor extreme(Tensor a, Tensor b, boolean largest) {
        int sign = largest ? 1 : -1;
        return Pointwise.zip(
                a.kind().with(b.kind()),
                a,
                b,
                largest ? Math::max : Math::min,
                (x, y, _) -> x == y ? 0.5 : sign * (x - y) > 0 ? 1 : 0,
                (x, y, _) -> x == y ? 0.5 : sign * (y - x) > 0 ? 1 : 0);
    }

    /// Between numbers there is no slope on the edges, between tensors half of one, as in PyTorch.
    private static Tensor clamp(Call call) {
        if (!call.has("min") && !call.has("max")) {
            throw new IllegalArgumentException("needs at least one of 'min' and 'max'");
        }
        Tensor x = call.tensor("input");
        boolean numbers =
                (!call.has("min") || call.isNumber("min"))
                        && (!call.has("max") || call.isNumber("max"));
        if (numbers) {
            double low = call.real("min", Double.NEGATIVE_INFINITY);
            double high = call.real("max", Double.POSITIVE_INFINITY);
            Kind kind = x.kind();
            kind = call.has("min") ? kind.with(call.tensor("min").kind()) : kind;
            kind = call.has("max") ? kind.with(call.tensor("max").kind()) : kind;
            return Pointwise.map(
                    x.as(kind),
                    kind,
                    v -> Math.min(Math.max(v, low), high),
                    (v, _) -> v > low && v < high ? 1 : 0);
        }
        Tensor raised = call.has("min") ? extreme(x, call.tensor("min"), true) : x;
        return call.has("max") ? extreme(raised, call.tensor("max"), false) : raised;
    }

    private static Tensor dot(Tensor a, Tensor b) {
        if (a.shape().rank() != 1 || b.shape().rank() != 1) {
            throw new IllegalArgumentException(
                    "multiplies the shapes %s and %s; both must have one dimension"
                            .formatted(a.shape(), b.shape()));
        }
        return Products.of(a, b);
    }
}
