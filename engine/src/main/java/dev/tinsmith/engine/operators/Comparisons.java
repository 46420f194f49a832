package dev.tinsmith.engine.operators;

import dev.tinsmith.engine.graph.Repertoire;
import dev.tinsmith.engine.tensor.Kind;
import dev.tinsmith.engine.tensor.Pointwise;
import dev.tinsmith.engine.tensor.Tensor;
import java.util.function.LongBinaryOperator;

/// Comparisons, and what is made of their results.
final class Comparisons {
    private Comparisons() {}

    private interface Test {
        boolean holds(double a, double b);
    }

    static void into(Repertoire all) {
        test(all, "eq", (a, b) -> a == b);
        test(all, "ne not_equal", (a, b) -> a != b);
        test(all, "lt less", (a, b) -> a < b);
        test(all, "le less_equal", (a, b) -> a <= b);
        test(all, "gt greater", (a, b) -> a > b);
        test(all, "ge greater_equal", (a, b) -> a >= b);
        test(all, "logical_and", (a, b) -> a != 0 && b != 0);
        test(all, "logical_or", (a, b) -> a != 0 || b != 0);
        test(all, "logical_xor", (a, b) -> (a != 0) != (b != 0));
        bits(all, "and_ bitwise_and", (a, b) -> a & b);
        bits(all, "or_ bitwise_or", (a, b) -> a | b);
        bits(all, "xor bitwise_xor", (a, b) -> a ^ b);
        all.number("invert inv bitwise_not", "input", call -> inverted(call.tensor("input")));
    }

    private static void test(Repertoire all, String names, Test test) {
        all.number(
                names,
                "input, other",
                call ->
                        Pointwise.compare(
                                Kind.BOOL,
                                call.tensor("input"),
                                call.tensor("other"),
                                (a, b) -> test.holds(a, b) ? 1 : 0));
    }

    private static void bits(Repertoire all, String names, LongBinaryOperator f) {
        all.number(
                names,
                "input, other",
                call -> {
                    Tensor a = bits(call.tensor("input"));
                    Tensor b = bits(call.tensor("other"));
                    return Pointwise.compare(
                            a.kind().with(b.kind()),
                            a,
                            b,
                            (x, y) -> f.applyAsLong((long) x, (long) y));
                });
    }

    private static Tensor inverted(Tensor x) {
        return Pointwise.map(
                bits(x), x.kind(), v -> x.kind() == Kind.BOOL ? 1 - v : -v - 1, (_, _) -> 0);
    }

    private static Tensor bits(Tensor x) {
        if (x.kind() == Kind.REAL) {
            throw new IllegalArgumentException(
                    "combines the bits of fractions; compare them first, or use logical_and");
        }
        return x;
    }
}
