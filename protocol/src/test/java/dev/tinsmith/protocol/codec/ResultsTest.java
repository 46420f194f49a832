package dev.tinsmith.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tinsmith.protocol.Ints;
import dev.tinsmith.protocol.Sampling;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ResultsTest {
    private static final Results.Prompt NOTHING =
            new Results.Prompt(
                    Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), 0);

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
                                new Results.Prompt(
                                        Optional.of(() -> new float[] {Float.NaN, -4}),
                                        Optional.of(top),
                                        Optional.empty(),
                                        Optional.empty(),
                                        64)));
        assertThat(response.getPromptCacheHitTokens()).isEqualTo(64);

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
    void targetsGoBackInTheLayoutOfTheRequest() throws InvalidProtocolBufferException {
        Sampling.Targets dense =
                new Sampling.Targets(
                        Ints.of(4, -1), "int64", List.of(1, 2), Optional.empty(), Optional.empty());
        Sampling.Targets sparse =
                new Sampling.Targets(
                        Ints.of(4),
                        "int64",
                        List.of(2, 3),
                        Optional.of(Ints.of(0, 0, 1)),
                        Optional.of(Ints.of(2)));

        Wire.Tensor table = scored(new Results.Scores(dense, () -> new float[] {-2, 0}));
        assertThat(table.getDtype()).isEqualTo(Wire.DType.FLOAT32);
        assertThat(table.getShapeList()).containsExactly(1L, 2L);
        assertThat(table.getDense()).isEqualTo(Bytes.of(new float[] {-2, 0}));
        Wire.Tensor listed = scored(new Results.Scores(sparse, () -> new float[] {-2}));
        assertThat(listed.getShapeList()).containsExactly(2L, 3L);
        assertThat(listed.getSparseCsr().getValues()).isEqualTo(Bytes.of(new float[] {-2}));
        assertThat(listed.getSparseCsr().getCrowIndices())
                .isEqualTo(Bytes.of(new long[] {0, 0, 1}));
        assertThat(listed.getSparseCsr().getColIndices()).isEqualTo(Bytes.of(new long[] {2}));
    }

    private static Wire.Tensor scored(Results.Scores scores) throws InvalidProtocolBufferException {
        Results.Prompt prompt =
                new Results.Prompt(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(scores),
                        Optional.empty(),
                        0);
        return Wire.SampleResponse.parseFrom(Results.sampled(List.of(), prompt))
                .getTargetPromptLogprobs();
    }

    @Test
    void alternativesAreTwoTablesOfOneShape() throws InvalidProtocolBufferException {
        Results.Prompt prompt =
                new Results.Prompt(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(
                                new Results.Alternatives(
                                        2,
                                        () -> new int[] {3, 4, 5, 6},
                                        () -> new float[] {-1, -2, -3, -4})),
                        0);

        Wire.PromptAltTokens drawn =
                Wire.SampleResponse.parseFrom(Results.sampled(List.of(), prompt))
                        .getPromptAltTokens();

        assertThat(drawn.getTokens().getShapeList()).containsExactly(2L, 2L);
        assertThat(drawn.getTokens().getDtype()).isEqualTo(Wire.DType.INT64);
        assertThat(drawn.getTokens().getDense()).isEqualTo(Bytes.of(new long[] {3, 4, 5, 6}));
        assertThat(drawn.getLogprobs().getShapeList()).containsExactly(2L, 2L);
        assertThat(drawn.getLogprobs().getDtype()).isEqualTo(Wire.DType.FLOAT32);
        assertThat(drawn.getLogprobs().getDense())
                .isEqualTo(Bytes.of(new float[] {-1, -2, -3, -4}));
    }

    @Test
    void whatWasNotAskedForIsAbsent() throws InvalidProtocolBufferException {
        Wire.SampleResponse response =
                Wire.SampleResponse.parseFrom(Results.sampled(List.of(), NOTHING));

        assertThat(response.hasPromptLogprobs()).isFalse();
        assertThat(response.hasTopkPromptLogprobs()).isFalse();
        assertThat(response.hasTargetPromptLogprobs()).isFalse();
        assertThat(response.hasPromptAltTokens()).isFalse();
        assertThat(response.getPromptCacheHitTokens()).isZero();
    }

    private static Wire.ForwardBackwardOutput passed(Results.Row... rows)
            throws InvalidProtocolBufferException {
        return Wire.ForwardBackwardOutput.parseFrom(
                Results.passed(List.of(rows), Map.of("loss:sum", 6.0)));
    }
}
