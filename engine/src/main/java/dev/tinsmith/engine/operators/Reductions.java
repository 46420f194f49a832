package dev.tinsmith.engine.operators;

import dev.tinsmith.engine.graph.Call;
import dev.tinsmith.engine.graph.Repertoire;
import dev.tinsmith.engine.tensor.Folds;
import dev.tinsmith.engine.tensor.Kind;
import dev.tinsmith.engine.tensor.Pointwise;
import dev.tinsmith.engine.tensor.Shape;
import dev.tinsmith.engine.tensor.Tensor;
import java.util.Collection;
import java.util.List;
import java.util.function.DoublePredicate;

/// One value of many: over the dimensions that `dim` names, or over all.
final class Reductions {
    private static final String OVER = "input, dim?, keepdim?, dtype?";

    private Reductions() {}

    static void into(Repertoire all) {
        all.tensor("sum", OVER, call -> Folds.sum(cast(call), axes(call), keep(call)));
        all.tensor("mean", OVER, Reductions::mean);
        all.tensor("prod", OVER, call -> Folds.product(cast(call), axes(call), keep(call)));
        all.tensor(
                "amax", "input, dim?, keepdim?", call -> extreme(call.tensor("input"), call, true));
        all.tensor(
                "amin",
                "input, dim?, keepdim?",
                call -> extreme(call.tensor("input"), call, false));
        all.tensor("var", "input, dim?, unbiased?, keepdim?, correction?", Reductions::variance);
        all.tensor(
                "std",
                "input, dim?, unbiased?, keepdim?, correction?",
                call -> root(variance(call)));
        all.tensor("any", "input, dim?, keepdim?", call -> count(call, 0));
        all.tensor("all", "input, dim?, keepdim?", Reductions::everywhere);
        all.tensor(
                "count_nonzero",
                "input, dim?",
                call -> Folds.sum(nonZero(call.tensor("input")), axes(call), false));
        all.tensor(
                "logsumexp",
                "input, dim, keepdim?",
                call -> Folds.logSumExp(real(call), axes(call), keep(call)));
        all.tensor("softmax", "input, dim, dtype?, ~_stacklevel", call -> softmax(call, 1));
        all.tensor("softmin", "input, dim, dtype?, ~_stacklevel", call -> softmax(call, -1));
        all.tensor("log_softmax", "input, dim, dtype?, ~_stacklevel", call -> logSoftmax(call, 1));
        all.tensor("norm vector_norm", "input, p?, dim?, keepdim?, -out, dtype?", Reductions::norm);
        all.tensor("cumsum", "input, dim, dtype?", Reductions::runningSum);
    }

    private static List<Integer> axes(Call call) {
        return call.axes("dim", call.tensor("input").shape());
    }

    private static boolean keep(Call call) {
        return call.flag("keepdim", false);
    }

    private static Tensor cast(Call call) {
        Tensor x = call.tensor("input");
        return call.kind("dtype").map(x::as).orElse(x);
    }

    private static Tensor real(Call call) {
        return call.tensor("input").as(Kind.REAL);
    }

    private static Tensor mean(Call call) {
        Tensor x = cast(call);
        if (x.kind() != Kind.REAL) {
            throw new IllegalArgumentException(
                    "is of integers or a mask; use float() first, as PyTorch asks too");
        }
        return mean(x, axes(call), keep(call));
    }

    static Tensor mean(Tensor x, Collection<Integer> axes, boolean keep) {
        return Arithmetic.times(Folds.sum(x, axes, keep), 1.0 / count(x.shape(), axes));
    }

    static Tensor sum(Tensor x) {
        return Folds.sum(x, x.shape().axes(), false);
    }

    static Tensor mean(Tensor x) {
        return mean(x, x.shape().axes(), false);
    }

    private static double count(Shape shape, Collection<Integer> axes) {
        return axes.stream().mapToDouble(shape::length).reduce(1, (a, b) -> a * b);
    }

    private static Tensor extreme(Tensor x, Call call, boolean largest) {
        return Folds.extreme(x, axes(call), keep(call), largest);
    }

    /// PyTorch has two ways to write it, and one of them begins with `unbiased`.
    private static Tensor variance(Call call) {
        boolean first =
                call.has("dim") && call.isNumber("dim") && call.tensor("dim").kind() == Kind.BOOL;
        Tensor x = real(call);
        List<Integer> axes = first ? x.shape().axes() : axes(call);
        boolean unbiased = first ? call.flag("dim", true) : call.flag("unbiased", true);
        double correction = call.real("correction", unbiased ? 1 : 0);
        Tensor apart = Arithmetic.minus(x, mean(x, axes, true));
        Tensor squares = Folds.sum(Arithmetic.times(apart, apart), axes, keep(call));
        return Arithmetic.times(squares, 1 / Math.max(0, count(x.shape(), axes) - correction));
    }

    /// Of no spread there is no slope, as in PyTorch.
    private static Tensor root(Tensor x) {
        return Pointwise.map(x, Kind.REAL, Math::sqrt, (_, y) -> y == 0 ? 0 : 0.5 / y);
    }

    private static Tensor nonZero(Tensor x) {
        return test(x, v -> v != 0);
    }

    private static Tensor test(Tensor x, DoublePredicate holds) {
        return Pointwise.map(x, Kind.BOOL, v -> holds.test(v) ? 1 : 0, (_, _) -> 0);
    }

    private static Tensor count(Call call, int moreThan) {
        Tensor found = Folds.sum(nonZero(call.tensor("input")), axes(call), keep(call));
        return test(found, v -> v > moreThan);
    }

    private static Tensor everywhere(Call call) {
        Tensor zeros = test(call.tensor("input"), v -> v == 0);
        return test(Folds.sum(zeros, axes(call), keep(call)), v -> v == 0);
    }

    private static Tensor softmax(Call call, int sign) {
        return Pointwise.map(logSoftmax(call, sign), Kind.REAL, Math::exp, (_, y) -> y);
    }

    private static Tensor logSoftmax(Call call, int sign) {
        Tensor x = call.kind("dtype").map(real(call)::as).orElse(real(call));
        Tensor signed = sign > 0 ? x : Arithmetic.times(x, -1);
        return Arithmetic.minus(signed, Folds.logSumExp(signed, axes(call), true));
    }

    private static Tensor norm(Call call) {
        Tensor x = cast(call).as(Kind.REAL);
        boolean euclidean =
                !call.has("p") || (!call.isNumber("p") && call.text("p", "").equals("fro"));
        double p = euclidean ? 2 : call.real("p");
        if (p == 2) {
            return root(Folds.sum(Arithmetic.times(x, x), axes(call), keep(call)));
        }
        Tensor sizes = Pointwise.map(x, Kind.REAL, Math::abs, (v, _) -> Math.signum(v));
        if (p == 1) {
            return Folds.sum(sizes, axes(call), keep(call));
        }
        if (p == Double.POSITIVE_INFINITY) {
            return extreme(sizes, call, true);
        }
        throw new IllegalArgumentException("'p' is %s; it must be 1, 2 or inf".formatted(p));
    }

    private static Tensor runningSum(Call call) {
        Tensor x = cast(call);
        return x.shape().rank() == 0 ? x : Folds.runningSum(x, x.shape().axis(call.whole("dim")));
    }
}
