package dev.tinsmith.engine.tensor;

import java.util.Arrays;

/// Values in a shape, and the derivative of a later number by each of them. Belongs to one [Tape],
/// and with it to one thread.
public final class Tensor {
    private static final double[] NONE = {};

    private final Tape tape;
    private final Kind kind;
    private final Shape shape;
    private final double[] values;
    private final boolean followed;
    private double[] slopes = NONE;

    /// @param values handed over
    /// @param followed whether derivatives by its values are wanted
    Tensor(Tape tape, Kind kind, Shape shape, double[] values, boolean followed) {
        this.tape = tape;
        this.kind = kind;
        this.shape = shape;
        this.values = values;
        this.followed = followed;
    }

    /// Whose it is.
    public Tape tape() {
        return tape;
    }

    /// What its values are.
    public Kind kind() {
        return kind;
    }

    /// How its values lie.
    public Shape shape() {
        return shape;
    }

    /// How many values.
    public int size() {
        return values.length;
    }

    /// The value at `cell`, row-major.
    public double at(int cell) {
        return values[cell];
    }

    /// The value of a tensor that has one.
    public double only() {
        if (values.length != 1) {
            throw new IllegalArgumentException(
                    "has the shape %s; it must be a single number".formatted(shape));
        }
        return values[0];
    }

    /// Whether derivatives by its values are wanted.
    public boolean followed() {
        return followed;
    }

    /// A copy of its values.
    public double[] toArray() {
        return values.clone();
    }

    /// A copy of the derivatives that [Tape#follow] found.
    public double[] slopesToArray() {
        return hasSlopes() ? slopes.clone() : new double[values.length];
    }

    /// The same values, of which no derivatives are wanted.
    public Tensor held() {
        return followed ? new Tensor(tape, kind, shape, values, false) : this;
    }

    /// The same values as another kind; derivatives pass only from fractions to fractions.
    public Tensor as(Kind other) {
        if (kind == other) {
            return this;
        }
        return switch (other) {
            case BOOL -> Pointwise.map(this, other, x -> x == 0 ? 0 : 1);
            case WHOLE -> Pointwise.map(this, other, x -> x < 0 ? Math.ceil(x) : Math.floor(x));
            case REAL -> Pointwise.map(this, other, x -> x);
        };
    }

    double[] values() {
        return values;
    }

    boolean hasSlopes() {
        return slopes.length > 0;
    }

    /// To be added to.
    double[] slopes() {
        if (slopes.length == 0) {
            slopes = new double[values.length];
        }
        return slopes;
    }

    @Override
    public String toString() {
        return "%s%s%s".formatted(kind, shape, size() <= 8 ? Arrays.toString(values) : "");
    }
}
