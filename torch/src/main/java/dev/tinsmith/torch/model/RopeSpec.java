package dev.tinsmith.torch.model;

/// Rotary position embedding: how fast each pair of numbers in a head turns.
///
/// @param theta the base of the geometric series of frequencies
public record RopeSpec(double theta, Scaling scaling) {

    /// The angle per position of each pair, in radians, for heads of `size` numbers. In single
    /// precision where the reference computes so, since angles grow with the position.
    public float[] frequencies(int size) {
        float[] frequencies = new float[size / 2];
        for (int pair = 0; pair < frequencies.length; pair++) {
            float power = (float) Math.pow((float) theta, 2f * pair / size);
            frequencies[pair] = scaling.scale(1f / power, pair, size, theta);
        }
        return frequencies;
    }

    /// How frequencies are stretched for contexts longer than those of pre-training.
    public sealed interface Scaling {
        /// The frequency to use in place of `frequency`.
        ///
        /// @param pair which of the pairs of a head of `size` numbers has it
        float scale(float frequency, int pair, int size, double theta);

        /// What cosines and sines are multiplied by.
        default double magnitude() {
            return 1;
        }

        /// Not at all.
        record None() implements Scaling {
            @Override
            public float scale(float frequency, int pair, int size, double theta) {
                return frequency;
            }
        }

        /// All alike.
        record Linear(double factor) implements Scaling {
            @Override
            public float scale(float frequency, int pair, int size, double theta) {
                return (float) (frequency / factor);
            }
        }

        /// As Llama 3.1 does: slow ones by `factor`, fast ones not at all, those between in
        /// between.
        ///
        /// @param lowFactor wavelengths above `original / lowFactor` are slow
        /// @param highFactor wavelengths below `original / highFactor` are fast
        /// @param original the context of pre-training
        record Llama3(double factor, double lowFactor, double highFactor, int original)
                implements Scaling {
            @Override
            public float scale(float frequency, int pair, int size, double theta) {
                double wavelength = 2 * Math.PI / frequency;
                if (wavelength > original / lowFactor) {
                    return (float) (frequency / factor);
                }
                if (wavelength < original / highFactor) {
                    return frequency;
                }
                double smooth = (original / wavelength - lowFactor) / (highFactor - lowFactor);
                return (float) ((1 - smooth) * frequency / factor + smooth * frequency);
            }
        }

        /// YaRN: likewise, with the pairs between in a straight line from one to the other, and
        /// with scores that grow a little.
        ///
        /// @param fast pairs that turn so often in the context of pre-training, or more, are fast
        /// @param slow pairs that turn so often, or less, are slow
        /// @param original the context of pre-training
        /// @param truncated whether the line begins and ends at whole pairs
        record Yarn(
                double factor,
                double fast,
                double slow,
                int original,
                boolean truncated,
                double magnitude)
                implements Scaling {
            private static final double LEAST_WIDTH = 0.001;

            public Yarn {
                Positive.check("the factor of YaRN", factor);
                Positive.check("the magnitude of YaRN", magnitude);
            }

            @Override
            public float scale(float frequency, int pair, int size, double theta) {
                double first = pairThatTurns(fast, size, theta);
                double last = pairThatTurns(slow, size, theta);
                double low = Math.max(0, truncated ? Math.floor(first) : first);
                double high = Math.min(size - 1.0, truncated ? Math.ceil(last) : last);
                double width = low == high ? LEAST_WIDTH : high - low;
                float slowness = (float) Math.clamp((pair - low) / width, 0.0, 1.0);
                return (float) (frequency / factor) * slowness + frequency * (1 - slowness);
            }

            /// Which pair turns so often in the context of pre-training, between whole ones too.
            private double pairThatTurns(double turns, int size, double theta) {
                return size * Math.log(original / (turns * 2 * Math.PI)) / (2 * Math.log(theta));
            }
        }
    }
}
