package dev.tinsmith.engine.tensor;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.function.DoubleBinaryOperator;

/// Operations that make one value of many: over some dimensions, which are left out of the result
/// or kept with a length of 1.
public final class Folds {
    private Folds() {}

    /// Their sum.
    public static Tensor sum(Tensor x, Collection<Integer> axes, boolean keep) {
        int[] into = x.shape().folded(axes);
        double[] made = folded(x, axes, into, 0, Double::sum);
        return x.tape()
                .made(
                        x.kind().with(Kind.WHOLE),
                        x.shape().without(axes, keep),
                        made,
                        List.of(x),
                        slopes -> {
                            double[] back = x.slopes();
                            for (int i = 0; i < back.length; i++) {
                                back[i] += slopes[into[i]];
                            }
                        });
    }

    /// The largest or the smallest of them; those that share the place share the slope.
    public static Tensor extreme(
            Tensor x, Collection<Integer> axes, boolean keep, boolean largest) {
        int[] into = x.shape().folded(axes);
        double[] made =
                largest
                        ? folded(x, axes, into, Double.NEGATIVE_INFINITY, Math::max)
                        : folded(x, axes, into, Double.POSITIVE_INFINITY, Math::min);
        requireValues(x, made.length);
        return x.tape()
                .made(
                        x.kind(),
                        x.shape().without(axes, keep),
                        made,
                        List.of(x),
                        slopes -> {
                            double[] back = x.slopes();
                            int[] sharing = new int[made.length];
                            for (int i = 0; i < back.length; i++) {
                                sharing[into[i]] += x.at(i) == made[into[i]] ? 1 : 0;
                            }
                            for (int i = 0; i < back.length; i++) {
                                if (x.at(i) == made[into[i]]) {
                                    back[i] += slopes[into[i]] / sharing[into[i]];
                                }
                            }
                        });
    }

    /// The logarithm of the sum of their exponentials.
    public static Tensor logSumExp(Tensor x, Collection<Integer> axes, boolean keep) {
        int[] into = x.shape().folded(axes);
        double[] largest = folded(x, axes, into, Double.NEGATIVE_INFINITY, Math::max);
        double[] made = new double[largest.length];
        for (int i = 0; i < into.length; i++) {
            made[into[i]] += Math.exp(x.at(i) - finite(largest[into[i]]));
        }
        Arrays.setAll(made, i -> Math.log(made[i]) + finite(largest[i]));
        return x.tape()
                .made(
                        Kind.REAL,
                        x.shape().without(axes, keep),
                        made,
                        List.of(x),
                        slopes -> {
                            double[] back = x.slopes();
                            for (int i = 0; i < back.length; i++) {
                                back[i] += slopes[into[i]] * Math.exp(x.at(i) - made[into[i]]);
                            }
                        });
    }

    private static double finite(double shift) {
        return Double.isInfinite(shift) ? 0 : shift;
    }

    /// Their product.
    public static Tensor product(Tensor x, Collection<Integer> axes, boolean keep) {
        int[] into = x.shape().folded(axes);
        double[] made = folded(x, axes, into, 1, (a, b) -> a * b);
        return x.tape()
                .made(
                        x.kind().with(Kind.WHOLE),
                        x.shape().without(axes, keep),
                        made,
                        List.of(x),
                        slopes -> {
                            double[] others = x.slopes();
                            int[] zeros = new int[made.length];
                            double[] rest = new double[made.length];
                            Arrays.fill(rest, 1);
                            for (int i = 0; i < others.length; i++) {
                                zeros[into[i]] += x.at(i) == 0 ? 1 : 0;
                                rest[into[i]] *= x.at(i) == 0 ? 1 : x.at(i);
                            }
                            for (int i = 0; i < others.length; i++) {
                                int among = zeros[into[i]] - (x.at(i) == 0 ? 1 : 0);
                                if (among == 0) {
                                    others[i] +=
                                            slopes[into[i]]
                                                    * (x.at(i) == 0
                                                            ? rest[into[i]]
                                                            : rest[into[i]] / x.at(i));
                                }
                            }
                        });
    }

    /// Along `axis`, each value and all before it.
    public static Tensor runningSum(Tensor x, int axis) {
        int stride = x.shape().strides()[axis];
        int[] places = x.shape().places(axis);
        double[] made = x.tape().room(x.shape());
        for (int i = 0; i < made.length; i++) {
            made[i] = x.at(i) + (places[i] == 0 ? 0 : made[i - stride]);
        }
        return x.tape()
                .made(
                        x.kind().with(Kind.WHOLE),
                        x.shape(),
                        made,
                        List.of(x),
                        slopes -> {
                            double[] summed = slopes.clone();
                            for (int i = summed.length - 1; i >= 0; i--) {
                                if (places[i] > 0) {
                                    summed[i - stride] += summed[i];
                                }
                            }
                            double[] back = x.slopes();
                            for (int i = 0; i < back.length; i++) {
                                back[i] += summed[i];
                            }
                        });
    }

    private static double[] folded(
            Tensor x,
            Collection<Integer> axes,
            int[] into,
            double start,
            DoubleBinaryOperator together) {
        double[] made = x.tape().room(x.shape().without(axes, true));
        Arrays.fill(made, start);
        for (int i = 0; i < into.length; i++) {
            made[into[i]] = together.applyAsDouble(made[into[i]], x.at(i));
        }
        return made;
    }

    private static void requireValues(Tensor x, int groups) {
        if (x.size() == 0 && groups > 0) {
            throw new IllegalArgumentException(
                    "nothing is the largest or smallest of a tensor of the shape " + x.shape());
        }
    }
}
