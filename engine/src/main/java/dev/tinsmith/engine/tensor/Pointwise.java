package dev.tinsmith.engine.tensor;

import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/// Operations on one value at a time.
public final class Pointwise {
    private Pointwise() {}

    /// A derivative of a function of two numbers.
    public interface Slope {
        /// The derivative where the numbers are `a` and `b`.
        ///
        /// @param value what the function says of `a` and `b`
        double at(double a, double b, double value);
    }

    /// `f` of each value; its slope is 1 where fractions stay fractions.
    static Tensor map(Tensor x, Kind kind, DoubleUnaryOperator f) {
        return map(x, kind, f, (_, _) -> 1);
    }

    /// `f` of each value.
    ///
    /// @param slope the derivative, of a value and `f` of it
    public static Tensor map(
            Tensor x, Kind kind, DoubleUnaryOperator f, DoubleBinaryOperator slope) {
        double[] from = x.values();
        double[] made = x.tape().room(x.shape());
        for (int i = 0; i < made.length; i++) {
            made[i] = f.applyAsDouble(from[i]);
        }
        return x.tape()
                .made(
                        kind,
                        x.shape(),
                        made,
                        x.kind() == Kind.REAL ? List.of(x) : List.of(),
                        slopes -> {
                            double[] into = x.slopes();
                            for (int i = 0; i < slopes.length; i++) {
                                into[i] += slopes[i] * slope.applyAsDouble(from[i], made[i]);
                            }
                        });
    }

    /// `f` of each two values that lie over one another, where `a` and `b` are spread to one shape.
    public static Tensor zip(
            Kind kind, Tensor a, Tensor b, DoubleBinaryOperator f, Slope byA, Slope byB) {
        Shape shape = a.shape().spread(b.shape());
        double[] made = a.tape().room(shape);
        int[] fromA = shape.cellsOf(a.shape());
        int[] fromB = shape.cellsOf(b.shape());
        for (int i = 0; i < made.length; i++) {
            made[i] = f.applyAsDouble(a.at(fromA[i]), b.at(fromB[i]));
        }
        return a.tape()
                .made(
                        kind,
                        shape,
                        made,
                        List.of(a, b),
                        slopes -> {
                            for (int i = 0; i < slopes.length; i++) {
                                double one = a.at(fromA[i]);
                                double other = b.at(fromB[i]);
                                if (a.followed()) {
                                    a.slopes()[fromA[i]] += slopes[i] * byA.at(one, other, made[i]);
                                }
                                if (b.followed()) {
                                    b.slopes()[fromB[i]] += slopes[i] * byB.at(one, other, made[i]);
                                }
                            }
                        });
    }

    /// As [#zip], for what has no derivatives.
    public static Tensor compare(Kind kind, Tensor a, Tensor b, DoubleBinaryOperator f) {
        return zip(kind, a.held(), b.held(), f, (_, _, _) -> 0, (_, _, _) -> 0);
    }
}
