package dev.tinsmith.engine.tensor;

import java.util.List;

/// Products of vectors and matrices.
public final class Products {
    private Products() {}

    /// `a @ b`; a vector on the left is a row, one on the right a column, and what it adds to the
    /// shape is taken away again.
    public static Tensor of(Tensor a, Tensor b) {
        if (a.shape().rank() < 1
                || a.shape().rank() > 2
                || b.shape().rank() < 1
                || b.shape().rank() > 2) {
            throw new IllegalArgumentException(
                    "the shapes %s and %s have no product; both must be vectors or matrices"
                            .formatted(a.shape(), b.shape()));
        }
        Tensor left = a.shape().rank() == 2 ? a : Picks.reshaped(a, a.shape().inserted(0, 1));
        Tensor right = b.shape().rank() == 2 ? b : Picks.reshaped(b, b.shape().inserted(1, 1));
        Tensor product = matrices(left, right);
        Shape shape = product.shape();
        if (b.shape().rank() == 1) {
            shape = shape.without(List.of(1), false);
        }
        if (a.shape().rank() == 1) {
            shape = shape.without(List.of(0), false);
        }
        return Picks.reshaped(product, shape);
    }

    private static Tensor matrices(Tensor a, Tensor b) {
        int rows = a.shape().length(0);
        int inner = a.shape().length(1);
        int columns = b.shape().length(1);
        if (b.shape().length(0) != inner) {
            throw new IllegalArgumentException(
                    "the shapes %s and %s have no product; the inner lengths must be the same"
                            .formatted(a.shape(), b.shape()));
        }
        a.tape().multiplies((long) rows * inner * columns);
        Shape shape = Shape.of(rows, columns);
        double[] made = a.tape().room(shape);
        for (int row = 0; row < rows; row++) {
            for (int k = 0; k < inner; k++) {
                double factor = a.at(row * inner + k);
                for (int column = 0; column < columns; column++) {
                    made[row * columns + column] += factor * b.at(k * columns + column);
                }
            }
        }
        return a.tape()
                .made(
                        a.kind().with(b.kind()),
                        shape,
                        made,
                        List.of(a, b),
                        slopes -> pull(a, b, slopes));
    }

    private static void pull(Tensor a, Tensor b, double... slopes) {
        int inner = a.shape().length(1);
        int columns = b.shape().length(1);
        for (int cell = 0; cell < slopes.length; cell++) {
            int row = cell / columns;
            int column = cell % columns;
            for (int k = 0; k < inner; k++) {
                if (a.followed()) {
                    a.slopes()[row * inner + k] += slopes[cell] * b.at(k * columns + column);
                }
                if (b.followed()) {
                    b.slopes()[k * columns + column] += slopes[cell] * a.at(row * inner + k);
                }
            }
        }
    }
}
