package dev.tinsmith.torch.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tinsmith.engine.AdamStep;
import dev.tinsmith.torch.Tolerance;
import dev.tinsmith.torch.ops.Ops;
import dev.tinsmith.torch.ops.Scope;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class AdamWTest {
    private static final int SIZE = 50;
    private static final AdamStep STEP = new AdamStep(1e-2, 0.9, 0.95, 1e-8, 0.1, 1.5);

    /// The textbook, in double precision.
    private static double[] textbook(float[] start, float[][] gradients) {
        double[] values = new double[SIZE];
        double[] mean = new double[SIZE];
        double[] square = new double[SIZE];
        for (int i = 0; i < SIZE; i++) {
            values[i] = start[i];
        }
        for (int step = 1; step <= gradients.length; step++) {
            double squares = 0;
            for (float each : gradients[step - 1]) {
                squares += (double) each * each;
            }
            double clip = Math.min(1, STEP.gradClipNorm() / (Math.sqrt(squares) + 1e-6));
            for (int i = 0; i < SIZE; i++) {
                double gradient = gradients[step - 1][i] * clip;
                values[i] *= 1 - STEP.learningRate() * STEP.weightDecay();
                mean[i] = STEP.beta1() * mean[i] + (1 - STEP.beta1()) * gradient;
                square[i] = STEP.beta2() * square[i] + (1 - STEP.beta2()) * gradient * gradient;
                double corrected = mean[i] / (1 - Math.pow(STEP.beta1(), step));
                double spread = Math.sqrt(square[i] / (1 - Math.pow(STEP.beta2(), step)));
                values[i] -= STEP.learningRate() * corrected / (spread + STEP.eps());
            }
        }
        return values;
    }

    @Test
    void tenStepsAreThoseOfTheTextbook() {
        Random random = new Random(4);
        float[] start = gaussian(random);
        float[][] gradients = new float[10][];
        for (int step = 0; step < gradients.length; step++) {
            gradients[step] = gaussian(random);
        }
        double[] expected = textbook(start, gradients);

        float[] found = steps(start, gradients);

        for (int i = 0; i < SIZE; i++) {
            assertThat((double) found[i])
                    .isCloseTo(expected[i], within((double) Tolerance.TEN_STEPS));
        }
    }

    @Test
    void tenStepsTwiceGiveTheSameBits() {
        Random random = new Random(4);
        float[] start = gaussian(random);
        float[][] gradients = {gaussian(random), gaussian(random)};

        assertThat(steps(start, gradients)).containsExactly(steps(start, gradients));
    }

    private static float[] steps(float[] start, float[][] gradients) {
        try (Scope _ = Scope.open();
                AdamW adam = AdamW.fresh(SIZE)) {
            Tensor values_N = Ops.floats(start, SIZE);
            for (float[] gradient : gradients) {
                Tensor gradient_N = Ops.floats(gradient, SIZE);
                adam.step(values_N, gradient_N, Ops.norm(gradient_N), STEP);
            }
            assertThat(adam.step()).isEqualTo(gradients.length);
            return Ops.toFloats(values_N);
        }
    }

    private static float[] gaussian(Random random) {
        float[] values = new float[SIZE];
        for (int i = 0; i < SIZE; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
