package dev.tinsmith.engine.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What was computed, in order, so that it can be followed back. It bounds what it lets be
/// computed, by counting and not by a clock, so that a loss that is refused is refused everywhere.
public final class Tape {
    /// How many values one tensor may have.
    public static final int MAX_TENSOR = 1 << 20;

    /// How many values all tensors of one tape may have together.
    public static final int MAX_VALUES = 1 << 22;

    /// How many multiplications all products of matrices of one tape may need together.
    public static final int MAX_PRODUCTS = 1 << 26;

    private final List<Step> steps = new ArrayList<>();
    private long values;
    private long products;

    /// How the derivatives of a result become those of what it was made from.
    interface Pull {
        /// Adds to the slopes of each source that is followed.
        void pull(double... slopes);
    }

    private record Step(Tensor result, Pull pull) {}

    /// Values that no derivatives are wanted of.
    public Tensor constant(Kind kind, Shape shape, double... given) {
        double[] copied = room(shape);
        System.arraycopy(given, 0, copied, 0, copied.length);
        return new Tensor(this, kind, shape, copied, false);
    }

    /// One number.
    public Tensor number(Kind kind, double value) {
        return constant(kind, Shape.NUMBER, value);
    }

    /// `value` throughout.
    public Tensor full(Kind kind, Shape shape, double value) {
        double[] filled = room(shape);
        Arrays.fill(filled, value);
        return new Tensor(this, kind, shape, filled, false);
    }

    /// Values by which derivatives are wanted.
    public Tensor variable(Shape shape, double... given) {
        double[] copied = room(shape);
        System.arraycopy(given, 0, copied, 0, copied.length);
        return new Tensor(this, Kind.REAL, shape, copied, true);
    }

    /// Finds the derivatives of `end`, a single number, by everything that it was made from.
    public void follow(Tensor end) {
        double _ = end.only();
        end.slopes()[0] = 1;
        for (Step step : steps.reversed()) {
            if (step.result().hasSlopes()) {
                step.pull().pull(step.result().slopes());
            }
        }
    }

    /// Zeros for a new tensor.
    ///
    /// @throws IllegalArgumentException if it is too large, or brings all of them above the bound
    double[] room(Shape shape) {
        bounded(shape);
        values += shape.count();
        if (values > MAX_VALUES) {
            throw new IllegalArgumentException(
                    "the tensors of this datum have more than %d values together; use shorter sequences or fewer operations"
                            .formatted(MAX_VALUES));
        }
        return new double[shape.size()];
    }

    /// Whoever makes a list of places asks this first, since it is as long as the result.
    static void bounded(Shape shape) {
        if (shape.count() > MAX_TENSOR) {
            throw new IllegalArgumentException(
                    "a tensor of the shape %s would have more than %d values; use shorter sequences or a smaller table"
                            .formatted(shape, MAX_TENSOR));
        }
    }

    void multiplies(long more) {
        products += more;
        if (products > MAX_PRODUCTS) {
            throw new IllegalArgumentException(
                    "the products of matrices of this datum take more than %d multiplications; use smaller matrices"
                            .formatted(MAX_PRODUCTS));
        }
    }

    /// A tensor made from `sources`.
    ///
    /// @param pull needed only if one of the sources is followed
    Tensor made(Kind kind, Shape shape, double[] made, List<Tensor> sources, Pull pull) {
        boolean followed = kind == Kind.REAL && sources.stream().anyMatch(Tensor::followed);
        Tensor result = new Tensor(this, kind, shape, made, followed);
        if (followed) {
            steps.add(new Step(result, pull));
        }
        return result;
    }
}
