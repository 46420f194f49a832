package dev.tinsmith.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ResultsTest {
    @Test
    void theRowsOfAPassShareOneRecordWithTheirByteOffsets() throws InvalidProtocolBufferException {
        Wire.ForwardBackwardOutput output =
                passed(
                        new Results.Row(List.of(), () -> new float[] {-1, -2}),
                        new Results.Row(List.of(), () -> new float[] {-3}));

        assertThat(output.getMetricsMap()).containsExactly(Map.entry("loss:sum", 6.0));
        assertThat(output.getLossFnOutputsCount()).isOne();
        Wire.ArrayRecord record = output.getLossFnOutputs(0);
        assertThat(record.getNumDatums()).isEqualTo(2);
        Wire.BatchedTensor logprobs = record.getFieldsOrThrow("logprobs");
        assertThat(logprobs.getOffsets()).isEqualTo(Bytes.of(new long[] {0, 8, 12}));
        assertThat(logprobs.getData()).isEqualTo(Bytes.of(new float[] {-1, -2, -3}));
        assertThat(logprobs.getTrailingShapeList()).isEmpty();
    }

    @Test
    void rowsOfAnotherWidthBeginARecordOfTheirOwn() throws InvalidProtocolBufferException {
        Wire.ForwardBackwardOutput output =
                passed(
                        new Results.Row(List.of(), () -> new float[] {-1}),
                        new Results.Row(List.of(2), () -> new float[] {-1, -2}),
                        new Results.Row(List.of(2), () -> new float[] {-1, -2, -3, -4}),
                        new Results.Row(List.of(), () -> new float[] {-1}));

        assertThat(output.getLossFnOutputsList())
                .extracting(Wire.ArrayRecord::getNumDatums)
                .containsExactly(1L, 2L, 1L);
        assertThat(output.getLossFnOutputs(1).getFieldsOrThrow("logprobs").getTrailingShapeList())
                .containsExactly(2L);
    }

    @Test
    void aSampleIsWrittenWithItsTablesOfLikelyTokens() throws InvalidProtocolBufferException {
        Results.Top top = new Results.Top(2, 1, () -> new int[] {8, 9}, () -> new float[] {-1, -2});

        Wire.SampleResponse response =
                Wire.SampleResponse.parseFrom(
                        Results.sampled(
                                List.of(
                                        new Results.Sequence(
                                                false,
                                                () -> new int[] {8},
                                                () -> new float[] {-1},
                                                Optional.of(top))),
                                Optional.of(() -> new float[] {Float.NaN, -4}),
                                Optional.of(top)));

        Wire.SampledSequence sequence = response.getSequences(0);
        assertThat(sequence.getStopReason()).isEqualTo(Wire.StopReason.LENGTH);
        assertThat(sequence.getTokens()).isEqualTo(Bytes.of(new int[] {8}));
        assertThat(sequence.getLogprobs()).isEqualTo(Bytes.of(new float[] {-1}));
        assertThat(sequence.getTopkSampledLogprobs().getK()).isEqualTo(2);
        assertThat(response.getPromptLogprobs()).isEqualTo(Bytes.of(new float[] {Float.NaN, -4}));
        assertThat(response.getTopkPromptLogprobs().getTokenIds())
                .isEqualTo(Bytes.of(new int[] {8, 9}));
    }

    @Test
    void whatWasNotAskedForIsAbsent() throws InvalidProtocolBufferException {
        Wire.SampleResponse response =
                Wire.SampleResponse.parseFrom(
                        Results.sampled(List.of(), Optional.empty(), Optional.empty()));

        assertThat(response.hasPromptLogprobs()).isFalse();
        assertThat(response.hasTopkPromptLogprobs()).isFalse();
    }

    private static Wire.ForwardBackwardOutput passed(Results.Row... rows)
            throws InvalidProtocolBufferException {
        return Wire.ForwardBackwardOutput.parseFrom(
                Results.passed(List.of(rows), Map.of("loss:sum", 6.0)));
    }
}
