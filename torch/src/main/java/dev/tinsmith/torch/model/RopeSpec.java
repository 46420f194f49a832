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
            frequencies[pair] = scaling.scale(1f / power);
        }
        return frequencies;
    }

    /// How frequencies are stretched for contexts longer than those of pre-training.
    public sealed interface Scaling {
        /// The frequency to use in place of `frequency`.
        float scale(float frequency);

        /// Not at all.
        record None() implements Scaling {
            @Override
            public float scale(float frequency) {
                return frequency;
            }
        }

        /// All alike.
        record Linear(double factor) implements Scaling {
            @Override
            public float scale(float frequency) {
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
            public float scale(float frequency) {
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
    }
}
