package dev.tinsmith.torch.pass;

import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.Floats;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// The targets of several datums as one table, row by row: K columns, the most that any datum has.
/// A row with fewer repeats its first, which changes nothing.
final class Targets {
    private final List<Batch.Datum> data;
    private final int columns;
    private final long[] ids;

    Targets(List<Batch.Datum> data) {
        this.data = data;
        this.columns = data.stream().mapToInt(Batch.Datum::width).max().orElse(1);
        int rows = data.stream().mapToInt(datum -> datum.tokens().length()).sum();
        this.ids = new long[rows * columns];
        int row = 0;
        for (Batch.Datum datum : data) {
            for (int position = 0; position < datum.tokens().length(); position++) {
                fillRow(datum, position, row++);
            }
        }
    }

    private void fillRow(Batch.Datum datum, int position, int row) {
        for (int column = 0; column < columns; column++) {
            int from = column < datum.width() ? column : 0;
            ids[row * columns + column] = datum.targets().at(position * datum.width() + from);
        }
    }

    int rows() {
        return ids.length / columns;
    }

    int columns() {
        return columns;
    }

    /// The ids of some rows.
    long[] ids(int firstRow, int rows) {
        return Arrays.copyOfRange(ids, firstRow * columns, (firstRow + rows) * columns);
    }

    /// The columns of a table like this one that datum `index` has, from its first row on.
    Floats ofDatum(int index, int firstRow, float[] table) {
        Batch.Datum datum = data.get(index);
        float[] values = new float[datum.targets().length()];
        for (int cell = 0; cell < values.length; cell++) {
            int row = firstRow + cell / datum.width();
            values[cell] = table[row * columns + cell % datum.width()];
        }
        return Floats.of(values);
    }

    /// What the gradients by log-probabilities mean for the logits: for each row the sum of them,
    /// and for each target its logit's gradient, softmax included.
    LogitGradient logitGradient(float[] logprobs, List<Floats> gradients) {
        float[] weights = new float[rows()];
        float[] cells = new float[ids.length];
        int row = 0;
        for (int index = 0; index < data.size(); index++) {
            int width = data.get(index).width();
            for (int position = 0; position < data.get(index).tokens().length(); position++) {
                Floats gradient = gradients.get(index);
                double weight = 0;
                for (int column = 0; column < width; column++) {
                    weight += gradient.at(position * width + column);
                }
                weights[row] = (float) weight;
                for (int column = 0; column < columns; column++) {
                    int cell = row * columns + column;
                    double own = same(row, width, ids[cell], gradient, position);
                    cells[cell] = (float) (own - weight * Math.exp(logprobs[cell]));
                }
                row++;
            }
        }
        return new LogitGradient(weights, cells);
    }

    /// The gradients of all targets of a row that are `id`; two columns may name the same token.
    private double same(int row, int width, long id, Floats gradient, int position) {
        double sum = 0;
        for (int column = 0; column < width; column++) {
            if (ids[row * columns + column] == id) {
                sum += gradient.at(position * width + column);
            }
        }
        return sum;
    }

    /// See [#logitGradient].
    static final class LogitGradient {
        private final float[] weights;
        private final float[] cells;

        private LogitGradient(float[] weights, float[] cells) {
            this.weights = weights;
            this.cells = cells;
        }

        /// The rows from `first` on that have a gradient at all, counted from `first`.
        ///
        /// A row may have targets whose gradients cancel in the sum, so both are looked at.
        long[] rows(int first, int count) {
            int columns = cells.length / weights.length;
            return IntStream.range(0, count)
                    .filter(row -> isNonZero(first + row, columns))
                    .asLongStream()
                    .toArray();
        }

        private boolean isNonZero(int row, int columns) {
            if (weights[row] != 0) {
                return true;
            }
            for (int column = 0; column < columns; column++) {
                if (cells[row * columns + column] != 0) {
                    return true;
                }
            }
            return false;
        }

        float[] weights(int first, long[] rows) {
            float[] picked = new float[rows.length];
            for (int i = 0; i < rows.length; i++) {
                picked[i] = weights[first + (int) rows[i]];
            }
            return picked;
        }

        float[] cells(int first, long[] rows) {
            int columns = cells.length / weights.length;
            float[] picked = new float[rows.length * columns];
            for (int i = 0; i < rows.length; i++) {
                System.arraycopy(
                        cells, (first + (int) rows[i]) * columns, picked, i * columns, columns);
            }
            return picked;
        }
    }
}
