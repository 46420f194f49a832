package dev.tinsmith.protocol.codec;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.google.protobuf.ByteString;
import dev.tinsmith.protocol.Envelope;
import dev.tinsmith.protocol.Ints;
import dev.tinsmith.protocol.ModelInput;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// A pass in the JSON of older clients becomes the same pass in protobuf, so that one path leads on
/// from here.
public final class PlainPass {
    private PlainPass() {}

    /// The request that `body` would be, had a newer client sent it.
    ///
    /// @throws MalformedException if it is none
    public static byte[] pack(byte[] body) {
        Pass pass = Json.read(body, Pass.class);
        if (pass.forwardInput().isPresent() == pass.forwardBackwardInput().isPresent()) {
            throw new MalformedException(
                    "forward_backward_input and forward_input are both there or both missing; send one of them");
        }
        if (pass.seqId() != (int) pass.seqId()) {
            throw new MalformedException(
                    "seq_id is %d; it must be an integer of 32 bits".formatted(pass.seqId()));
        }
        String place = pass.forwardInput().isPresent() ? "forward_input" : "forward_backward_input";
        Input input = pass.forwardInput().or(pass::forwardBackwardInput).orElseThrow();
        Wire.ForwardBackwardRequest.Builder request =
                Wire.ForwardBackwardRequest.newBuilder()
                        .setModelId(pass.modelId())
                        .setSeqId((int) pass.seqId())
                        .setLossFn(input.lossFn())
                        .setForwardOnly(pass.forwardInput().isPresent());
        input.lossFnConfig().ifPresent(request::putAllLossFnConfig);
        for (int i = 0; i < input.data().size(); i++) {
            request.addData(datum("%s.data[%d]".formatted(place, i), input.data().get(i)));
        }
        return request.build().toByteArray();
    }

    private static Wire.Datum datum(String place, Example example) {
        Wire.Datum.Builder datum = Wire.Datum.newBuilder();
        example.modelInput().chunks().forEach(chunk -> datum.addModelInput(chunk(chunk)));
        example.lossFnInputs()
                .forEach((name, table) ->
                        datum.putLossFnInputs(
                                name,
                                tensor("%s.loss_fn_inputs['%s']".formatted(place, name), table)));
        return datum.build();
    }

    private static Wire.Chunk chunk(ModelInput.Chunk chunk) {
        return switch (chunk) {
            case ModelInput.EncodedText text -> text(text.tokens());
            case ModelInput.Image _, ModelInput.ImageAssetPointer _ ->
                    Wire.Chunk.newBuilder().setImage(Wire.ImageChunk.getDefaultInstance()).build();
            case ModelInput.Dmel _ ->
                    Wire.Chunk.newBuilder().setDmel(Wire.DmelChunk.getDefaultInstance()).build();
        };
    }

    private static Wire.Chunk text(Ints tokens) {
        return Wire.Chunk.newBuilder()
                .setEncodedText(
                        Wire.EncodedTextChunk.newBuilder().setTokens(Bytes.of(tokens.toArray())))
                .build();
    }

    private static Wire.Tensor tensor(String place, Table table) {
        Wire.Tensor.Builder tensor =
                Wire.Tensor.newBuilder()
                        .addAllShape(table.shape().orElseGet(List::of))
                        .setDtype(dtype(place, table.dtype()));
        ByteString values = values(place, table.data(), tensor.getDtype());
        Optional<Longs> rows = table.sparseCrowIndices();
        Optional<Longs> columns = table.sparseColIndices();
        if (rows.isPresent() != columns.isPresent()) {
            throw new MalformedException(
                    place
                            + " has one of sparse_crow_indices and sparse_col_indices; a sparse tensor has both");
        }
        if (rows.isPresent() && columns.isPresent()) {
            tensor.setSparseCsr(
                    Wire.SparseCsr.newBuilder()
                            .setValues(values)
                            .setCrowIndices(Bytes.of(rows.get().toArray()))
                            .setColIndices(Bytes.of(columns.get().toArray())));
        } else {
            tensor.setDense(values);
        }
        return tensor.build();
    }

    private static Wire.DType dtype(String place, String name) {
        return switch (name) {
            case "float32" -> Wire.DType.FLOAT32;
            case "int64" -> Wire.DType.INT64;
            case String other ->
                    throw new MalformedException(
                            "%s.dtype is '%s'; it must be float32 or int64"
                                    .formatted(place, other));
        };
    }

    private static ByteString values(String place, Numbers values, Wire.DType dtype) {
        int width = dtype == Wire.DType.FLOAT32 ? Float.BYTES : Long.BYTES;
        ByteBuffer bytes =
                ByteBuffer.allocate(width * values.length()).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < values.length(); i++) {
            double value = values.at(i);
            if (width == Float.BYTES) {
                bytes.putFloat((float) value);
            } else if (value == Math.rint(value) && Math.abs(value) < 1L << 53) {
                bytes.putLong((long) value);
            } else {
                throw new MalformedException(
                        "%s.data[%d] is %s; an int64 tensor holds whole numbers below 2^53"
                                .formatted(place, i, value));
            }
        }
        return ByteString.copyFrom(bytes.flip());
    }

    /// Computes a loss; one of the two inputs is there.
    @Envelope
    record Pass(
            String modelId,
            long seqId,
            Optional<Input> forwardBackwardInput,
            Optional<Input> forwardInput) {}

    /// Of what. An unknown key is refused.
    record Input(
            List<Example> data, String lossFn, Optional<SortedMap<String, Double>> lossFnConfig) {
        Input {
            data = List.copyOf(data);
        }
    }

    /// A datum. An unknown key is refused.
    record Example(ModelInput modelInput, SortedMap<String, Table> lossFnInputs) {
        Example {
            lossFnInputs = Collections.unmodifiableSortedMap(new TreeMap<>(lossFnInputs));
        }
    }

    /// A tensor, all of it or, with indices, what is in it. An unknown key is refused.
    ///
    /// @param dtype `float32` or `int64`
    /// @param shape one dimension, if absent
    record Table(
            Numbers data,
            String dtype,
            Optional<List<Long>> shape,
            Optional<Longs> sparseCrowIndices,
            Optional<Longs> sparseColIndices) {}

    /// Numbers.
    static final class Numbers {
        private final double[] values;

        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        private Numbers(double[] values) {
            this.values = values;
        }

        /// How many there are.
        int length() {
            return values.length;
        }

        /// The value at `position`, counted from 0.
        double at(int position) {
            return values[position];
        }
    }

    /// Whole numbers.
    static final class Longs {
        private final long[] values;

        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        private Longs(long[] values) {
            this.values = values;
        }

        /// A fresh copy, the caller's to change.
        long[] toArray() {
            return values.clone();
        }
    }
}
