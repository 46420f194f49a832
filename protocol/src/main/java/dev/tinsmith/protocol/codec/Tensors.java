package dev.tinsmith.protocol.codec;

import com.google.protobuf.ByteString;
import dev.tinsmith.protocol.TensorData;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;

/// Tensors from protobuf, sparse ones spread out. What is wrong is an [IllegalArgumentException] in
/// words that follow the tensor's name.
final class Tensors {
    /// How many cells one request may spread out to, whatever its bytes claim: 128 MB.
    static final int MAX_CELLS = 1 << 24;

    private int cells;

    TensorData read(Wire.Tensor tensor) {
        return switch (tensor.getEncodingCase()) {
            case DENSE -> dense(tensor);
            case SPARSE_CSR -> sparse(tensor);
            case ENCODING_NOT_SET -> throw new IllegalArgumentException("holds no values");
        };
    }

    private TensorData dense(Wire.Tensor tensor) {
        double[] values = values(tensor.getDense(), tensor.getDtype());
        claim(values.length);
        List<Integer> shape =
                tensor.getShapeCount() == 0 ? List.of(values.length) : shape(tensor.getShapeList());
        return TensorData.of(type(tensor.getDtype()), shape, values);
    }

    private TensorData sparse(Wire.Tensor tensor) {
        List<Integer> shape = shape(tensor.getShapeList());
        if (shape.size() != 2) {
            throw new IllegalArgumentException(
                    "is sparse and has the shape %s; a sparse tensor needs two dimensions"
                            .formatted(shape));
        }
        double[] listed = values(tensor.getSparseCsr().getValues(), tensor.getDtype());
        long[] rowStarts = longs(tensor.getSparseCsr().getCrowIndices());
        long[] columns = longs(tensor.getSparseCsr().getColIndices());
        int rows = shape.get(0);
        int width = shape.get(1);
        if (rowStarts.length != rows + 1
                || columns.length != listed.length
                || rowStarts[0] != 0
                || rowStarts[rows] != listed.length) {
            throw new IllegalArgumentException(
                    "is sparse, and its row and column indices do not fit its %d values and shape %s"
                            .formatted(listed.length, shape));
        }
        claim((long) rows * width);
        double[] spread = new double[rows * width];
        for (int row = 0; row < rows; row++) {
            ascending(row, rowStarts[row], rowStarts[row + 1], listed.length);
            for (int i = (int) rowStarts[row]; i < rowStarts[row + 1]; i++) {
                inside(row, columns[i], i == rowStarts[row] ? -1 : columns[i - 1], shape);
                spread[row * width + (int) columns[i]] = listed[i];
            }
        }
        return TensorData.of(type(tensor.getDtype()), shape, spread);
    }

    private static void ascending(int row, long begin, long end, int values) {
        if (begin > end || end > values) {
            throw new IllegalArgumentException(
                    "is sparse, and its row %d begins at %d and ends at %d; rows follow one another through its %d values"
                            .formatted(row, begin, end, values));
        }
    }

    private static void inside(int row, long column, long before, List<Integer> shape) {
        if (column < 0 || column >= shape.get(1)) {
            throw new IllegalArgumentException(
                    "is sparse, and its row %d has the column %d, which lies outside the shape %s"
                            .formatted(row, column, shape));
        }
        if (column <= before) {
            throw new IllegalArgumentException(
                    "is sparse, and its row %d has the column %d after %d; the columns of a row ascend"
                            .formatted(row, column, before));
        }
    }

    private void claim(long more) {
        if (more > MAX_CELLS - cells) {
            throw new IllegalArgumentException(
                    "brings this request above %d values; send fewer examples at once"
                            .formatted(MAX_CELLS));
        }
        cells += (int) more;
    }

    private static List<Integer> shape(List<Long> written) {
        List<Integer> shape = new ArrayList<>();
        for (long length : written) {
            if (length < 0 || length > MAX_CELLS) {
                throw new IllegalArgumentException(
                        "has the shape %s; a dimension is 0 to %d".formatted(written, MAX_CELLS));
            }
            shape.add((int) length);
        }
        return shape;
    }

    private static TensorData.Type type(Wire.DType dtype) {
        return dtype == Wire.DType.FLOAT32 ? TensorData.Type.REAL : TensorData.Type.INTEGER;
    }

    private static double[] values(ByteString field, Wire.DType dtype) {
        return switch (dtype) {
            case FLOAT32 -> {
                FloatBuffer from = Bytes.of(field, Float.BYTES).asFloatBuffer();
                yield filled(from.remaining(), _ -> from.get());
            }
            case INT64 -> {
                LongBuffer from = Bytes.of(field, Long.BYTES).asLongBuffer();
                yield filled(from.remaining(), _ -> (double) from.get());
            }
            case INT32 -> {
                IntBuffer from = Bytes.of(field, Integer.BYTES).asIntBuffer();
                yield filled(from.remaining(), _ -> from.get());
            }
            case BFLOAT16, DTYPE_UNSPECIFIED, UNRECOGNIZED ->
                    throw new IllegalArgumentException(
                            "is of the dtype %s; send FLOAT32 or INT64".formatted(dtype));
        };
    }

    private static double[] filled(int length, IntToDoubleFunction value) {
        double[] values = new double[length];
        Arrays.setAll(values, value);
        return values;
    }

    private static long[] longs(ByteString field) {
        long[] values = new long[field.size() / Long.BYTES];
        Bytes.of(field, Long.BYTES).asLongBuffer().get(values);
        return values;
    }
}
