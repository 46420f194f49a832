package dev.tinsmith.server;

import com.google.protobuf.ByteString;
import dev.tinsmith.protocol.codec.Wire;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Passes as the official client writes them.
final class Passes {
    private Passes() {}

    /// A cross-entropy pass over one datum.
    static byte[] pass(String run, int sequence, int... tokens) {
        return pass(run, sequence, "cross_entropy", tokens);
    }

    static byte[] pass(String run, int sequence, String loss, int... tokens) {
        return of(run, sequence, loss, tokens).build().toByteArray();
    }

    /// A pass with a loss of the client's own.
    static byte[] custom(String run, int sequence, String id, int... tokens) {
        return of(run, sequence, "custom", tokens)
                .putLossFnConfigV2("loss_id", Wire.LossConfigValue.newBuilder().setText(id).build())
                .build()
                .toByteArray();
    }

    /// A pass over `copies` of one datum.
    static byte[] large(String run, int sequence, int copies, int... tokens) {
        Wire.ForwardBackwardRequest.Builder pass = of(run, sequence, "cross_entropy", tokens);
        for (int i = 1; i < copies; i++) {
            pass.addData(pass.getData(0));
        }
        return pass.build().toByteArray();
    }

    private static Wire.ForwardBackwardRequest.Builder of(
            String run, int sequence, String loss, int... tokens) {
        ByteBuffer targets = room(Long.BYTES * tokens.length);
        Arrays.stream(tokens).forEach(targets::putLong);
        ByteBuffer weights = room(Float.BYTES * tokens.length);
        Arrays.stream(tokens).forEach(_ -> weights.putFloat(1));
        ByteBuffer inputs = room(Integer.BYTES * tokens.length);
        Arrays.stream(tokens).forEach(inputs::putInt);
        return Wire.ForwardBackwardRequest.newBuilder()
                .setModelId(run)
                .setSeqId(sequence)
                .setLossFn(loss)
                .addData(
                        Wire.Datum.newBuilder()
                                .addModelInput(
                                        Wire.Chunk.newBuilder()
                                                .setEncodedText(
                                                        Wire.EncodedTextChunk.newBuilder()
                                                                .setTokens(bytes(inputs))))
                                .putLossFnInputs("target_tokens", tensor(targets, Wire.DType.INT64))
                                .putLossFnInputs("weights", tensor(weights, Wire.DType.FLOAT32)));
    }

    private static Wire.Tensor tensor(ByteBuffer values, Wire.DType dtype) {
        return Wire.Tensor.newBuilder().setDense(bytes(values)).setDtype(dtype).build();
    }

    private static ByteBuffer room(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static ByteString bytes(ByteBuffer written) {
        return ByteString.copyFrom(written.flip());
    }
}
