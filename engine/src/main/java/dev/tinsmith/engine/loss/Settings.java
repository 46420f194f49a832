package dev.tinsmith.engine.loss;

import dev.tinsmith.engine.LossSpec;
import java.util.SortedSet;

/// The settings of a loss, read so that none is overlooked: a key that the loss does not know is
/// refused by name.
final class Settings {
    private final LossSpec spec;

    private Settings(LossSpec spec) {
        this.spec = spec;
    }

    /// @throws IllegalArgumentException if `spec` sets anything but `known`
    static Settings of(LossSpec spec, String... known) {
        SortedSet<String> names = Inputs.sorted(known);
        for (String key : spec.config().keySet()) {
            if (!names.contains(key)) {
                throw new IllegalArgumentException(
                        "loss_fn_config['%s'] is not a setting of the loss '%s'; it has %s"
                                .formatted(
                                        key,
                                        spec.name(),
                                        names.isEmpty() ? "none" : names.toString()));
            }
        }
        return new Settings(spec);
    }

    /// @throws IllegalArgumentException if the value is not finite
    double real(String key, double otherwise) {
        double value = spec.config().getOrDefault(key, otherwise);
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException(
                    "loss_fn_config['%s'] is %s; it must be finite".formatted(key, value));
        }
        return value;
    }

    /// The two thresholds between which a ratio is clipped.
    ClipRange clipRange(double low, double high) {
        return new ClipRange(real("clip_low_threshold", low), real("clip_high_threshold", high));
    }

    /// Absolute ratios: `[0.8, 1.2]` lets a probability change by a fifth.
    record ClipRange(double low, double high) {
        static final String LOW = "clip_low_threshold";
        static final String HIGH = "clip_high_threshold";

        ClipRange {
            if (low < 0 || low > high) {
                throw new IllegalArgumentException(
                        "clip_low_threshold is %s and clip_high_threshold is %s; they must be ratios with 0 ≤ low ≤ high"
                                .formatted(low, high));
            }
        }

        double clip(double ratio) {
            return Math.clamp(ratio, low, high);
        }

        /// `−min(r·A, clip(r)·A)`, the surrogate that never gains from leaving the range; its slope
        /// is by the log-probability, of which `ratio` is the exponential up to a constant.
        Terms.Term pessimistic(double ratio, double advantage) {
            double free = ratio * advantage;
            double clipped = clip(ratio) * advantage;
            return free <= clipped ? new Terms.Term(-free, -free) : new Terms.Term(-clipped, 0);
        }
    }
}
