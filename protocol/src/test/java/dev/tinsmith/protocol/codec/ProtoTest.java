package dev.tinsmith.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import dev.tinsmith.protocol.Datum;
import dev.tinsmith.protocol.Ints;
import dev.tinsmith.protocol.ModelInput;
import dev.tinsmith.protocol.TensorData;
import dev.tinsmith.protocol.Training;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProtoTest {
    @Test
    void aPassIsReadWhole() {
        Wire.Datum datum =
                Wire.Datum.newBuilder()
                        .addModelInput(text(5, 6))
                        .addModelInput(text())
                        .putLossFnInputs("target_tokens", dense(Bytes.of(new long[] {6, 7})))
                        .putLossFnInputs("weights", floats(0.5f, -1f))
                        .build();

        Training.ForwardBackward pass =
                read(
                        request(datum)
                                .setLossFn("ppo")
                                .setForwardOnly(true)
                                .putLossFnConfigV2(
                                        "clip_low_threshold",
                                        Wire.LossConfigValue.newBuilder().setNumber(0.7).build())
                                .putLossFnConfigV2(
                                        "loss_id",
                                        Wire.LossConfigValue.newBuilder().setText("l").build()));

        assertThat(pass.modelId()).isEqualTo("m");
        assertThat(pass.seqId()).isEqualTo(3);
        assertThat(pass.forwardOnly()).isTrue();
        assertThat(pass.lossFnConfig())
                .containsExactly(
                        Map.entry("clip_low_threshold", new Training.Setting.Amount(0.7)),
                        Map.entry("loss_id", new Training.Setting.Text("l")));
        Datum read = pass.data().getFirst();
        assertThat(read.modelInput().chunks())
                .containsExactly(
                        new ModelInput.EncodedText(Ints.of(5, 6)),
                        new ModelInput.EncodedText(Ints.of()));
        assertThat(read.lossFnInputs())
                .containsExactly(
                        Map.entry(
                                "target_tokens",
                                TensorData.of(TensorData.Type.INTEGER, List.of(2), 6, 7)),
                        Map.entry(
                                "weights",
                                TensorData.of(TensorData.Type.REAL, List.of(2), 0.5, -1)));
    }

    @Test
    void aSparseTensorIsSpreadOut() {
        Wire.Tensor sparse =
                sparse(
                        List.of(3L, 4L),
                        new float[] {1, 2, 3},
                        new long[] {0, 2, 2, 3},
                        new long[] {1, 3, 0});

        assertThat(input(sparse))
                .isEqualTo(
                        TensorData.of(
                                TensorData.Type.REAL,
                                List.of(3, 4),
                                0,
                                1,
                                0,
                                2,
                                0,
                                0,
                                0,
                                0,
                                3,
                                0,
                                0,
                                0));
    }

    @Test
    void aSparseTensorWhoseIndicesLieOutsideIsRefused() {
        assertRefused(
                sparse(
                        List.of(2L, 2L),
                        new float[] {1, 2},
                        new long[] {0, 1, 2},
                        new long[] {0, 2}),
                "data[0].loss_fn_inputs['x'] is sparse, and its row 1 has the column 2, which lies outside the shape [2, 2]");
        assertRefused(
                sparse(List.of(2L, 2L), new float[] {1}, new long[] {0, 5, 1}, new long[] {0}),
                "data[0].loss_fn_inputs['x'] is sparse, and its row 0 begins at 0 and ends at 5; rows follow one another through its 1 values");
        assertRefused(
                sparse(List.of(2L, 2L), new float[] {1}, new long[] {0, 1}, new long[] {0}),
                "data[0].loss_fn_inputs['x'] is sparse, and its row and column indices do not fit its 1 values and shape [2, 2]");
    }

    @Test
    void aSparseTensorOfAHugeShapeIsRefusedUnspread() {
        assertRefused(
                sparse(List.of(1L, 1L << 40), new float[0], new long[] {0, 0}, new long[0]),
                "data[0].loss_fn_inputs['x'] has the shape [1, 1099511627776]; a dimension is 0 to 16777216");
        assertRefused(
                sparse(List.of(1L, (1L << 24) + 0), new float[0], new long[] {0, 0}, new long[0]),
                sparse(List.of(1L, 1L), new float[0], new long[] {0, 0}, new long[0]),
                "data[0].loss_fn_inputs['y'] brings this request above 16777216 values; send fewer examples at once");
    }

    @Test
    void aTensorWhoseShapeDoesNotFitIsRefusedByName() {
        assertRefused(
                floats(1, 2, 3).toBuilder().addShape(2).addShape(2).build(),
                "data[0].loss_fn_inputs['x'] has 3 values in the shape [2, 2]; a tensor has one or two dimensions, and as many values as its shape says");
    }

    @Test
    void aTensorOfHalfAValueIsRefused() {
        assertRefused(
                floats().toBuilder().setDense(ByteString.copyFrom(new byte[7])).build(),
                "data[0].loss_fn_inputs['x'] holds 7 bytes; each of its values takes 4");
    }

    @Test
    void aTensorOfAnUnwelcomeTypeIsRefused() {
        assertRefused(
                floats(1).toBuilder().setDtype(Wire.DType.BFLOAT16).build(),
                "data[0].loss_fn_inputs['x'] is of the dtype BFLOAT16; send FLOAT32 or INT64");
        assertRefused(
                floats(1).toBuilder().setDtypeValue(99).build(),
                "data[0].loss_fn_inputs['x'] is of the dtype UNRECOGNIZED; send FLOAT32 or INT64");
    }

    @Test
    void tokensOfHalfATokenAreRefused() {
        Wire.Datum.Builder datum = Wire.Datum.newBuilder();
        datum.addModelInputBuilder()
                .getEncodedTextBuilder()
                .setTokens(ByteString.copyFrom(new byte[6]));

        assertRefused(
                request(datum.build()),
                "data[0].model_input.chunks[0] holds 6 bytes; each of its values takes 4");
    }

    @Test
    void aFieldThatNobodyKnowsIsRefusedByItsNumber() {
        UnknownFieldSet mystery =
                UnknownFieldSet.newBuilder()
                        .addField(9, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                        .build();

        assertRefused(
                request(Wire.Datum.newBuilder().setUnknownFields(mystery).build()),
                "data[0] has the protobuf fields [9], which this server does not know");
        assertRefused(
                request().setUnknownFields(mystery),
                "the request has the protobuf fields [9], which this server does not know");
    }

    @Test
    void whatIsNoProtobufIsRefused() {
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> Proto.forwardBackward(new byte[] {'{', '}'}))
                .withMessage(
                        "the body is not a ForwardBackwardRequest in protobuf; use the official client");
    }

    @Test
    void theOrderOfAMapDoesNotMakeAnotherRequest() {
        Wire.Datum one =
                Wire.Datum.newBuilder()
                        .putLossFnInputs("a", floats(1))
                        .putLossFnInputs("b", floats(2))
                        .build();
        Wire.Datum other =
                Wire.Datum.newBuilder()
                        .putLossFnInputs("b", floats(2))
                        .putLossFnInputs("a", floats(1))
                        .build();
        Wire.Datum changed =
                Wire.Datum.newBuilder()
                        .putLossFnInputs("b", floats(1))
                        .putLossFnInputs("a", floats(2))
                        .build();

        assertThat(canonical(one)).isEqualTo(canonical(other)).isNotEqualTo(canonical(changed));
    }

    private static Canonical canonical(Wire.Datum datum) {
        return Proto.forwardBackward(request(datum).build().toByteArray()).canonical();
    }

    private static Wire.ForwardBackwardRequest.Builder request(Wire.Datum... data) {
        return Wire.ForwardBackwardRequest.newBuilder()
                .setModelId("m")
                .setSeqId(3)
                .setLossFn("cross_entropy")
                .addAllData(List.of(data));
    }

    private static Wire.Chunk text(int... tokens) {
        return Wire.Chunk.newBuilder()
                .setEncodedText(Wire.EncodedTextChunk.newBuilder().setTokens(Bytes.of(tokens)))
                .build();
    }

    private static Wire.Tensor dense(ByteString longs) {
        return Wire.Tensor.newBuilder().setDense(longs).setDtype(Wire.DType.INT64).build();
    }

    private static Wire.Tensor floats(float... values) {
        return Wire.Tensor.newBuilder()
                .setDense(Bytes.of(values))
                .setDtype(Wire.DType.FLOAT32)
                .build();
    }

    private static Wire.Tensor sparse(
            List<Long> shape, float[] values, long[] rowStarts, long[] columns) {
        return Wire.Tensor.newBuilder()
                .setSparseCsr(
                        Wire.SparseCsr.newBuilder()
                                .setValues(Bytes.of(values))
                                .setCrowIndices(Bytes.of(rowStarts))
                                .setColIndices(Bytes.of(columns)))
                .setDtype(Wire.DType.FLOAT32)
                .addAllShape(shape)
                .build();
    }

    private static Training.ForwardBackward read(Wire.ForwardBackwardRequest.Builder request) {
        return Proto.forwardBackward(request.build().toByteArray()).request();
    }

    private static TensorData input(Wire.Tensor tensor) {
        Wire.Datum datum = Wire.Datum.newBuilder().putLossFnInputs("x", tensor).build();
        return read(request(datum)).data().getFirst().lossFnInputs().values().iterator().next();
    }

    private static void assertRefused(Wire.Tensor tensor, String sentence) {
        assertRefused(
                request(Wire.Datum.newBuilder().putLossFnInputs("x", tensor).build()), sentence);
    }

    private static void assertRefused(Wire.Tensor first, Wire.Tensor second, String sentence) {
        assertRefused(
                request(
                        Wire.Datum.newBuilder()
                                .putLossFnInputs("x", first)
                                .putLossFnInputs("y", second)
                                .build()),
                sentence);
    }

    private static void assertRefused(
            Wire.ForwardBackwardRequest.Builder request, String sentence) {
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> read(request))
                .withMessage(sentence);
    }
}
