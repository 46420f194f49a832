package dev.tinsmith.models.export;

import dev.tinsmith.engine.format.AdapterFolder.Factors;
import dev.tinsmith.engine.format.DType;
import dev.tinsmith.engine.format.SafetensorsWriter;
import dev.tinsmith.engine.format.TensorSpec;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.stream.IntStream;

/// Computes `W + scale·B·A` in single precision, a block of rows at a time, its rows in parallel.
/// Every row is computed by one thread in one order, so that the result is the same on any machine.
final class LowRankSum {
    /// Numbers in a block.
    private static final long BLOCK = 4L << 20;

    private final Factors factors;
    private final float[] a_RI;
    private final float[] b_OR;
    private final float scale;

    LowRankSum(Factors factors, double scale) {
        this.factors = factors;
        this.a_RI = factors.a().toArray();
        this.b_OR = factors.b().toArray();
        this.scale = (float) scale;
    }

    /// Hears of bytes that were written.
    @FunctionalInterface
    interface Written {
        void bytes(long count);
    }

    /// Appends the sum of `weight_OI`, stored as `spec` says, and the product.
    void append(MemorySegment weight_OI, TensorSpec spec, SafetensorsWriter writer, Written written)
            throws IOException {
        int blockRows = Math.clamp(BLOCK / factors.in(), 1, factors.out());
        long rowBytes = (long) factors.in() * spec.dtype().bytes();
        try (Arena arena = Arena.ofShared()) {
            MemorySegment block = arena.allocate(blockRows * rowBytes);
            for (int first = 0; first < factors.out(); first += blockRows) {
                int start = first;
                int rows = Math.min(blockRows, factors.out() - start);
                IntStream.range(0, rows)
                        .parallel()
                        .forEach(row ->
                                sum(
                                        start + row,
                                        weight_OI,
                                        (start + row) * rowBytes,
                                        spec.dtype(),
                                        block,
                                        row * rowBytes));
                writer.append(block.asSlice(0, rows * rowBytes));
                written.bytes(rows * rowBytes);
            }
        }
    }

    private void sum(
            int row, MemorySegment from, long fromAt, DType dtype, MemorySegment into, long at) {
        float[] sum_I = new float[factors.in()];
        for (int r = 0; r < factors.rank(); r++) {
            float b = b_OR[row * factors.rank() + r];
            int start = r * sum_I.length;
            for (int i = 0; i < sum_I.length; i++) {
                sum_I[i] += b * a_RI[start + i];
            }
        }
        float[] weight_I = new float[sum_I.length];
        Halves.read(from, fromAt, dtype, weight_I);
        for (int i = 0; i < sum_I.length; i++) {
            weight_I[i] += scale * sum_I[i];
        }
        Halves.write(weight_I, dtype, into, at);
    }
}
