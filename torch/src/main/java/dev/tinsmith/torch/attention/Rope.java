package dev.tinsmith.torch.attention;

import dev.tinsmith.torch.model.RopeSpec;
import dev.tinsmith.torch.ops.Dtype;
import dev.tinsmith.torch.ops.Ops;
import dev.tinsmith.torch.ops.Scope;
import org.bytedeco.pytorch.Tensor;

/// Rotary position embedding: turns the pair (i, i + E/2) of each head by an angle that grows with
/// the token's position.
///
/// T rows, K groups of G heads, E the width of a head, F = E/2 pairs.
public final class Rope implements AutoCloseable {
    private static final int FIRST_TABLE = 1_024;

    private final float[] frequencies;
    private final double magnitude;
    private Table table;

    public Rope(RopeSpec spec, int headSize) {
        this.frequencies = spec.frequencies(headSize);
        this.magnitude = spec.scaling().magnitude();
        this.table = Table.of(frequencies, magnitude, FIRST_TABLE);
    }

    /// The angles of rows at these positions. Any thread may ask.
    public synchronized Angles at(int... positions) {
        int most = 0;
        long[] index = new long[positions.length];
        for (int row = 0; row < positions.length; row++) {
            most = Math.max(most, positions[row]);
            index[row] = positions[row];
        }
        if (most >= table.positions()) {
            table.close();
            table = Table.of(frequencies, magnitude, Integer.highestOneBit(most) * 2);
        }
        Tensor index_T = Ops.indices(index);
        return new Angles(
                Ops.rows(table.cos_PF(), index_T).unsqueeze(1).unsqueeze(1),
                Ops.rows(table.sin_PF(), index_T).unsqueeze(1).unsqueeze(1));
    }

    @Override
    public void close() {
        table.close();
    }

    /// The cosines and sines of the first so many positions, `[P, F]`.
    private record Table(int positions, Tensor cos_PF, Tensor sin_PF) {
        static Table of(float[] frequencies, double magnitude, int positions) {
            float[] cos = new float[positions * frequencies.length];
            float[] sin = new float[cos.length];
            for (int cell = 0; cell < cos.length; cell++) {
                int position = cell / frequencies.length;
                float angle = position * frequencies[cell % frequencies.length];
                cos[cell] = (float) (magnitude * Math.cos(angle));
                sin[cell] = (float) (magnitude * Math.sin(angle));
            }
            try (Scope scope = Scope.open()) {
                return new Table(
                        positions,
                        scope.keep(Ops.floats(cos, positions, frequencies.length)),
                        scope.keep(Ops.floats(sin, positions, frequencies.length)));
            }
        }

        void close() {
            Scope.free(cos_PF);
            Scope.free(sin_PF);
        }
    }

    /// The cosines and sines of each row's angles, `[T, 1, 1, F]`.
    public record Angles(Tensor cos_T11F, Tensor sin_T11F) {

        /// Turns `x` forwards, scales it, and writes it to `out`, rounded once.
        void turn(Tensor x_TKGE, double scale, Tensor out_TKGE) {
            write(x_TKGE, scale, 1, out_TKGE);
        }

        /// The gradient of [#turn]: turns backwards.
        void turnBack(Tensor dx_TKGE, double scale, Tensor out_TKGE) {
            write(dx_TKGE, scale, -1, out_TKGE);
        }

        private void write(Tensor x_TKGE, double scale, int direction, Tensor out_TKGE) {
            long half = x_TKGE.size(3) / 2;
            Tensor wide_TKGE = Ops.to(x_TKGE, Dtype.F32);
            Tensor low_TKGF = wide_TKGE.narrow(3, 0, half);
            Tensor high_TKGF = wide_TKGE.narrow(3, half, half);
            out_TKGE.narrow(3, 0, half).copy_(turned(low_TKGF, high_TKGF, scale, -direction));
            out_TKGE.narrow(3, half, half).copy_(turned(high_TKGF, low_TKGF, scale, direction));
        }

        private Tensor turned(Tensor x_TKGF, Tensor other_TKGF, double scale, int sign) {
            Tensor turned_TKGF = x_TKGF.mul(cos_T11F);
            Ops.addMul(turned_TKGF, other_TKGF, sin_T11F, sign);
            if (scale != 1) {
                Ops.mul(turned_TKGF, scale);
            }
            return turned_TKGF;
        }
    }
}
