package dev.tinsmith.engine.tensor;

/// The error function, to about 15 digits: a power series near 0, a continued fraction far from it.
public final class ErrorFunction {
    private static final double SERIES_UP_TO = 2.5;
    private static final double ONE_FROM = 6;
    private static final double TINY = 1e-17;
    private static final int DEPTH = 80;

    private ErrorFunction() {}

    /// 2/√π · ∫₀ˣ exp(−t²) dt.
    public static double of(double x) {
        double size = Math.abs(x);
        if (Double.isNaN(x)) {
            return x;
        }
        if (size >= ONE_FROM) {
            return Math.signum(x);
        }
        return size <= SERIES_UP_TO ? series(x) : Math.signum(x) * (1 - tail(size));
    }

    /// Its derivative.
    public static double slope(double x) {
        return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x);
    }

    private static double series(double x) {
        double power = x;
        double sum = x;
        for (int n = 1; Math.abs(power) > TINY * Math.abs(sum); n++) {
            power *= -x * x / n;
            sum += power / (2 * n + 1);
        }
        return 2 / Math.sqrt(Math.PI) * sum;
    }

    private static double tail(double x) {
        double fraction = x;
        for (int k = DEPTH; k > 0; k--) {
            fraction = x + k / 2.0 / fraction;
        }
        return Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction;
    }
}
