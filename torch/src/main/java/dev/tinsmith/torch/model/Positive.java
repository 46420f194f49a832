package dev.tinsmith.torch.model;

/// The one rule that most numbers of a model keep to.
final class Positive {
    private Positive() {}

    static void check(String name, double value) {
        if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "%s is %s; it must be a number above 0".formatted(name, value));
        }
    }
}
