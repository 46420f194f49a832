package dev.tinsmith.engine.operators;

import dev.tinsmith.engine.graph.Call;
import dev.tinsmith.engine.graph.Repertoire;
import dev.tinsmith.engine.tensor.Kind;
import dev.tinsmith.engine.tensor.Pointwise;
import dev.tinsmith.engine.tensor.Shape;
import dev.tinsmith.engine.tensor.Tensor;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/// How far two tensors are apart, summed up as `reduction` says.
final class Divergences {
    private static final String TWO = "input, target, -size_average, -reduce, reduction?, -weight";

    private Divergences() {}

    static void into(Repertoire all) {
        all.tensor("mse_loss", TWO, call -> apart(call, d -> d * d, d -> 2 * d));
        all.tensor("l1_loss", TWO, call -> apart(call, Math::abs, Math::signum));
        all.tensor(
                "smooth_l1_loss",
                TWO + ", beta?",
                call -> {
                    double beta = call.real("beta", 1);
                    return apart(
                            call,
                            d -> Math.abs(d) < beta ? 0.5 * d * d / beta : Math.abs(d) - 0.5 * beta,
                            d -> Math.abs(d) < beta ? d / beta : Math.signum(d));
                });
        all.tensor(
                "huber_loss",
                "input, target, reduction?, delta?, -weight",
                call -> {
                    double delta = call.real("delta", 1);
                    return apart(
                            call,
                            d ->
                                    Math.abs(d) <= delta
                                            ? 0.5 * d * d
                                            : delta * (Math.abs(d) - 0.5 * delta),
                            d -> Math.abs(d) <= delta ? d : delta * Math.signum(d));
                });
        all.tensor("kl_div", TWO + ", log_target?", Divergences::klDivergence);
        all.tensor("binary_cross_entropy_with_logits", TWO + ", -pos_weight", Divergences::logits);
    }

    /// A function of the difference alone.
    private static Tensor apart(Call call, DoubleUnaryOperator f, DoubleUnaryOperator slope) {
        Tensor difference =
                Arithmetic.minus(
                        call.tensor("input").as(Kind.REAL), call.tensor("target").as(Kind.REAL));
        return reduced(
                call, Pointwise.map(difference, Kind.REAL, f, (d, _) -> slope.applyAsDouble(d)));
    }

    private static Tensor klDivergence(Call call) {
        Tensor input = call.tensor("input");
        Tensor target = call.tensor("target");
        if (call.flag("log_target", false)) {
            Tensor likely = Pointwise.map(target, Kind.REAL, Math::exp, (_, y) -> y);
            return reduced(call, Arithmetic.times(likely, Arithmetic.minus(target, input)));
        }
        Tensor own = Arithmetic.xLogY(target, target);
        return reduced(call, Arithmetic.minus(own, Arithmetic.times(target, input)));
    }

    private static Tensor logits(Call call) {
        Tensor x = call.tensor("input");
        Tensor softplus =
                Pointwise.map(
                        x,
                        Kind.REAL,
                        v -> Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v))),
                        (v, _) -> Elementwise.sigmoid(v));
        return reduced(
                call, Arithmetic.minus(softplus, Arithmetic.times(x, call.tensor("target"))));
    }

    private static Tensor reduced(Call call, Tensor each) {
        String reduction = call.text("reduction", "mean");
        if (reduction.equals("mean")) {
            return Reductions.mean(each);
        }
        if (reduction.equals("sum")) {
            return Reductions.sum(each);
        }
        if (reduction.equals("batchmean")) {
            Shape shape = each.shape();
            double rows = shape.rank() == 0 ? 1 : shape.length(0);
            return Arithmetic.times(Reductions.sum(each), 1 / rows);
        }
        if (reduction.equals("none")) {
            return each;
        }
        throw new IllegalArgumentException(
                "'reduction' is '%s'; it must be one of %s"
                        .formatted(reduction, List.of("mean", "sum", "batchmean", "none")));
    }
}
