package dev.tinsmith.engine.format;

import java.util.List;

/// A tensor without its numbers.
///
/// @param shape its sizes, outermost first; empty for a single number
public record TensorSpec(String name, DType dtype, List<Long> shape) {
    public TensorSpec {
        shape = List.copyOf(shape);
        if (shape.stream().anyMatch(size -> size < 0)) {
            throw new IllegalArgumentException(
                    "%s has the shape %s; no size may be negative".formatted(name, shape));
        }
        try {
            Math.multiplyExact(product(shape), dtype.bytes());
        } catch (ArithmeticException overflow) {
            throw new IllegalArgumentException(
                    "%s has the shape %s, which is more than 2^63 bytes".formatted(name, shape),
                    overflow);
        }
    }

    /// How many numbers it holds.
    public long elements() {
        return product(shape);
    }

    /// How many bytes they take.
    public long bytes() {
        return elements() * dtype.bytes();
    }

    private static long product(List<Long> shape) {
        return shape.contains(0L) ? 0 : shape.stream().reduce(1L, Math::multiplyExact);
    }
}
