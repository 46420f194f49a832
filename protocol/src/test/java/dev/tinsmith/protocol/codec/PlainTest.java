package dev.tinsmith.protocol.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tinsmith.protocol.Datum;
import dev.tinsmith.protocol.Ints;
import dev.tinsmith.protocol.ModelInput;
import dev.tinsmith.protocol.TensorData;
import dev.tinsmith.protocol.Training;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PlainTest {
    private static final String WEIGHTS =
            "{\"data\": [1, 0.5], \"dtype\": \"float32\", \"shape\": [2]}";

    private static Training.ForwardBackward read(String input, String weights) {
        String pass =
                """
                {"model_id": "s:train:0", "seq_id": 7, "%s": {"loss_fn": "ppo", "loss_fn_config": {"clip": 0.5},
                 "data": [{"model_input": {"chunks": [{"type": "encoded_text", "tokens": [3, 4]}]},
                           "loss_fn_inputs": {"target_tokens": {"data": [4, 5], "dtype": "int64"},
                                              "weights": %s}}]}}\
                """
                        .formatted(input, weights);
        return Proto.forwardBackward(PlainPass.pack(pass.getBytes(UTF_8))).request();
    }

    @Test
    void aPassInJsonIsThePassInProtobuf() {
        Training.ForwardBackward pass = read("forward_backward_input", WEIGHTS);

        assertThat(pass.modelId()).isEqualTo("s:train:0");
        assertThat(pass.seqId()).isEqualTo(7);
        assertThat(pass.lossFn()).isEqualTo("ppo");
        assertThat(pass.lossFnConfig())
                .containsExactly(Map.entry("clip", new Training.Setting.Amount(0.5)));
        assertThat(pass.forwardOnly()).isFalse();
        Datum datum = pass.data().getFirst();
        assertThat(datum.modelInput().chunks())
                .containsExactly(new ModelInput.EncodedText(Ints.of(3, 4)));
        assertThat(datum.lossFnInputs())
                .containsEntry(
                        "target_tokens", TensorData.of(TensorData.Type.INTEGER, List.of(2), 4, 5))
                .containsEntry("weights", TensorData.of(TensorData.Type.REAL, List.of(2), 1, 0.5));
    }

    @Test
    void aForwardPassHasAnInputOfItsOwn() {
        assertThat(read("forward_input", WEIGHTS).forwardOnly()).isTrue();
    }

    @Test
    void aSparseTensorIsSparse() {
        Training.ForwardBackward pass =
                read(
                        "forward_input",
                        "{\"data\": [2], \"dtype\": \"float32\", \"shape\": [2, 2], \"sparse_crow_indices\": [0, 0, 1], \"sparse_col_indices\": [1]}");

        assertThat(pass.data().getFirst().lossFnInputs())
                .containsEntry(
                        "weights", TensorData.of(TensorData.Type.REAL, List.of(2, 2), 0, 0, 0, 2));
    }

    @Test
    void whatIsWrongIsRefusedByName() {
        assertRefused("x", WEIGHTS, "both there or both missing");
        assertRefused("forward_input", "{\"data\": [1], \"dtype\": \"int8\"}", "dtype is 'int8'");
        assertRefused(
                "forward_input",
                "{\"data\": [1.5], \"dtype\": \"int64\"}",
                "loss_fn_inputs['weights'].data[0] is 1.5");
        assertRefused(
                "forward_input", "{\"data\": [1]}", "loss_fn_inputs.weights.dtype is missing");
        assertRefused(
                "forward_input",
                "{\"data\": [1], \"dtype\": \"int64\", \"sparse_col_indices\": [0]}",
                "a sparse tensor has both");
        assertRefused("forward_input", "{\"data\": [\"1\"], \"dtype\": \"int64\"}", "a number");
    }

    private static void assertRefused(String input, String weights, String words) {
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> read(input, weights))
                .withMessageContaining(words);
    }

    @Test
    void aPassedPassReadsTheSameInJson() {
        byte[] message =
                Results.passed(
                        List.of(
                                new Results.Row(List.of(), () -> new float[] {-1, -2}),
                                new Results.Row(List.of(), () -> new float[] {-3}),
                                new Results.Row(List.of(2), () -> new float[] {-4, -5})),
                        Map.of("loss:sum", 2.5));

        assertThat(new String(Json.write(PlainResults.passed(message)), UTF_8))
                .isEqualTo(
                        """
                        {"loss_fn_output_type":"ArrayRecord","loss_fn_outputs":[\
                        {"logprobs":{"data":[-1.0,-2.0],"dtype":"float32","shape":[2]}},\
                        {"logprobs":{"data":[-3.0],"dtype":"float32","shape":[1]}},\
                        {"logprobs":{"data":[-4.0,-5.0],"dtype":"float32","shape":[1,2]}}],\
                        "metrics":{"loss:sum":2.5}}\
                        """);
    }

    @Test
    void aSampleReadsTheSameInJsonWithNullForWhatIsNotThere() {
        byte[] message =
                Results.sampled(
                        List.of(
                                new Results.Sequence(
                                        true,
                                        () -> new int[] {5, 6},
                                        () -> new float[] {-1, -2},
                                        Optional.empty())),
                        new Results.Prompt(
                                Optional.of(() -> new float[] {Float.NaN, -0.5f}),
                                Optional.of(
                                        new Results.Top(
                                                2,
                                                2,
                                                () -> new int[] {0, 0, 8, 9},
                                                () -> new float[] {-99999, -99999, -1, -2})),
                                Optional.empty(),
                                Optional.empty(),
                                0));

        assertThat(new String(Json.write(PlainResults.sampled(message)), UTF_8))
                .isEqualTo(
                        """
                        {"type":"sample","sequences":[{"stop_reason":"stop","tokens":[5,6],"logprobs":[-1.0,-2.0]}],\
                        "prompt_logprobs":[null,-0.5],"topk_prompt_logprobs":[null,[[8,-1.0],[9,-2.0]]]}\
                        """);
    }
}
