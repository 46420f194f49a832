package dev.tinsmith.protocol.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tinsmith.protocol.Futures;
import dev.tinsmith.protocol.Ints;
import dev.tinsmith.protocol.Metadata;
import dev.tinsmith.protocol.ModelInput;
import dev.tinsmith.protocol.Models;
import dev.tinsmith.protocol.Rest;
import dev.tinsmith.protocol.Sampling;
import dev.tinsmith.protocol.Service;
import dev.tinsmith.protocol.Training;
import dev.tinsmith.protocol.Weights;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonTest {
    private static final String SAMPLE =
            """
            {"sampling_session_id": "s:sample:0", "seq_id": 1000000000000000003, "num_samples": 2,
             "prompt": {"chunks": [{"type": "encoded_text", "tokens": [1, 2]},
                                   {"type": "encoded_text", "tokens": []}]},
             "sampling_params": {"max_tokens": 7, "temperature": 1, "top_k": -1, "top_p": 1.0%s},
             "prompt_logprobs": false, "topk_prompt_logprobs": 0, "type": "sample"%s}\
            """;

    @Test
    void aSampleIsReadWithItsChunksAndItsLargeNumbers() {
        Sampling.Sample sample = sample(", \"seed\": 9223372036854775813", "");

        assertThat(sample.seqId()).isEqualTo(1_000_000_000_000_000_003L);
        assertThat(sample.prompt().chunks())
                .containsExactly(
                        new ModelInput.EncodedText(Ints.of(1, 2)),
                        new ModelInput.EncodedText(Ints.of()));
        assertThat(sample.samplingParams().seed().orElseThrow().value())
                .isEqualTo(-9223372036854775803L);
        assertThat(sample.samplingParams().temperature()).hasValue(1.0);
        assertThat(sample.promptLogprobsLastN()).isEmpty();
    }

    @Test
    void aStopIsOneTextSeveralTextsTokensOrNever() {
        assertThat(stop("\"\\n\"")).isEqualTo(new Sampling.Stop.Texts(List.of("\n")));
        assertThat(stop("[\"a\", \"b\"]")).isEqualTo(new Sampling.Stop.Texts(List.of("a", "b")));
        assertThat(stop("[151645]")).isEqualTo(new Sampling.Stop.TokenIds(List.of(151645)));
        assertThat(stop("[]")).isEqualTo(new Sampling.Stop.Never());
        assertThat(sample("", "").samplingParams().stop()).isEmpty();
    }

    @Test
    void targetsAreATableOrWhatIsListedOfOne() {
        Sampling.Targets dense = targets("\"data\": [4, -1, 5, 6], \"shape\": [2, 2]");
        assertThat(dense.rows()).isEqualTo(2);
        assertThat(dense.start(1)).isEqualTo(2);
        Sampling.Targets sparse =
                targets(
                        "\"data\": [7, 8], \"shape\": [3, 5], \"sparse_crow_indices\": [0, 0, 2, 2], \"sparse_col_indices\": [0, 4]");
        assertThat(sparse.rows()).isEqualTo(3);
        assertThat(sparse.start(1)).isZero();
        assertThat(sparse.start(2)).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[1]|[2]|||has the shape [2]; it must be [prompt tokens - 1, K], with a K of at least 1",
                "[]|[2, 0]|||has the shape [2, 0]; it must be [prompt tokens - 1, K], with a K of at least 1",
                "[1]|[1, 2]|||has 1 values in the shape [1, 2]; a dense table has one for each cell",
                "[1]|[1, 2]|[0, 1]||has one of sparse_crow_indices and sparse_col_indices; a sparse table has both, a dense one neither",
                "[1]|[1, 2]|[0, 2]|[0]|is sparse, and its row and column indices do not fit its 1 values and shape [1, 2]",
                "[1, 2]|[2, 2]|[0, 9, 2]|[0, 1]|is sparse, and the indices of its row 0 do not rise within the shape [2, 2]",
                "[1, 2]|[2, 2]|[0, -1, 2]|[0, 1]|is sparse, and the indices of its row 0 do not rise within the shape [2, 2]",
                "[1, 2]|[1, 2]|[0, 2]|[1, 1]|is sparse, and the indices of its row 0 do not rise within the shape [1, 2]",
                "[1, 2]|[1, 2]|[0, 2]|[0, 2]|is sparse, and the indices of its row 0 do not rise within the shape [1, 2]",
            })
    void targetsThatAreNoTableAreRefused(
            String data, String shape, String rows, String columns, String sentence) {
        String sparse =
                (rows == null ? "" : ", \"sparse_crow_indices\": " + rows)
                        + (columns == null ? "" : ", \"sparse_col_indices\": " + columns);
        assertRefused(
                SAMPLE.formatted(
                        "",
                        ", \"target_prompt_logprobs\": {\"dtype\": \"int64\", \"data\": %s, \"shape\": %s%s}"
                                .formatted(data, shape, sparse)),
                Sampling.Sample.class,
                "target_prompt_logprobs " + sentence);
    }

    @Test
    void targetsAreTokenIds() {
        assertRefused(
                SAMPLE.formatted(
                        "",
                        ", \"target_prompt_logprobs\": {\"dtype\": \"float32\", \"data\": [1], \"shape\": [1, 1]}"),
                Sampling.Sample.class,
                "target_prompt_logprobs has the dtype 'float32'; token ids are int64");
        assertRefused(
                SAMPLE.formatted(
                        "",
                        ", \"target_prompt_logprobs\": {\"dtype\": \"int64\", \"data\": [1.5], \"shape\": [1, 1]}"),
                Sampling.Sample.class,
                "target_prompt_logprobs.data[0] is 1.5; it must be an integer of 32 bits");
    }

    private static Sampling.Targets targets(String written) {
        String body =
                SAMPLE.formatted(
                        "",
                        ", \"target_prompt_logprobs\": {\"dtype\": \"int64\", %s}"
                                .formatted(written));
        return Json.read(body.getBytes(UTF_8), Sampling.Sample.class)
                .targetPromptLogprobs()
                .orElseThrow();
    }

    @Test
    void aStopOfMixedThingsIsRefused() {
        assertRefused(
                SAMPLE.formatted(", \"stop\": [\"a\", 3]", ""),
                Sampling.Sample.class,
                "sampling_params.stop must be a string, a list of strings, or a list of token ids");
    }

    @Test
    void anEmptyStopTextIsRefused() {
        assertRefused(
                SAMPLE.formatted(", \"stop\": [\"a\", \"\"]", ""),
                Sampling.Sample.class,
                "sampling_params.stop holds an empty string, which would end every sample at once; leave it out");
    }

    @Test
    void aMeaningfulFieldThatNobodyKnowsIsRefusedByName() {
        assertRefused(
                SAMPLE.formatted(", \"min_p\": 0.1", ""),
                Sampling.Sample.class,
                "sampling_params.min_p is not a field this server knows; it knows [max_tokens, seed, stop, temperature, top_k, top_p]");
        assertRefused(
                """
                {"model_id": "m", "seq_id": 1, "adam_params": {"learning_rate": 1, "amsgrad": true}}\
                """,
                Training.OptimStep.class,
                "adam_params.amsgrad is not a field this server knows; it knows [beta1, beta2, eps, grad_clip_norm, learning_rate, weight_decay]");
        assertRefused(
                """
                {"session_id": "s", "model_seq_id": 0, "base_model": "b", "lora_config": {"alpha": 3}}\
                """,
                Models.Create.class,
                "lora_config.alpha is not a field this server knows; it knows [rank, seed, train_attn, train_mlp, train_unembed]");
    }

    @Test
    void aLearningRateThatIsNoNumberArrivesAsNullAndDoesNotBecomeTheDefault() {
        assertRefused(
                """
                {"model_id": "m", "seq_id": 1, "adam_params": {"learning_rate": null, "beta1": 0.9}}\
                """,
                Training.OptimStep.class,
                "adam_params.learning_rate is missing; it must be a number");
    }

    @Test
    void aFieldOfTheEnvelopeThatNobodyKnowsIsTolerated() {
        Service.Heartbeat heartbeat =
                read(
                        """
                        {"session_id": "s", "type": "session_heartbeat", "mood": {"x": [1]}}\
                        """,
                        Service.Heartbeat.class);

        assertThat(heartbeat.sessionId()).isEqualTo("s");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"seq_id\": 1}|model_id is missing; it must be a string",
                "{\"model_id\": null, \"seq_id\": 1}|model_id is missing; it must be a string",
                "{\"model_id\": 7, \"seq_id\": 1}|model_id is 7; it must be a string",
                "{\"model_id\": \"m\"}|seq_id is missing; it must be an integer",
                "{\"model_id\": \"m\", \"seq_id\": \"1\"}|seq_id is \"1\"; it must be an integer",
                "{\"model_id\": \"m\", \"seq_id\": 1.5}|seq_id is 1.5; it must be an integer",
                "{\"model_id\": \"m\", \"seq_id\": 1, \"adam_params\": 3}|adam_params is 3; it must be an object",
                "{\"model_id\": \"m\", \"seq_id\": 1, \"adam_params\": {\"beta1\": \"x\"}}|adam_params.beta1 is \"x\"; it must be a number",
                "[]|the body is []; it must be an object",
                "null|the body is null; it must be a JSON object",
                "''|the body is missing; it must be an object",
                "{\"model_id\"|the body is not JSON in UTF-8, or nested too deep; it goes wrong at line 1, column 12",
            })
    void whatIsWrongIsSaidWithItsPlaceItsValueAndTheRule(String body, String sentence) {
        assertRefused(body, Training.OptimStep.class, sentence);
    }

    @Test
    void anIntegerThatDoesNotFitIsRefused() {
        assertRefused(
                """
                {"session_id": "s", "model_seq_id": 99999999999, "base_model": "b"}\
                """,
                Models.Create.class,
                "model_seq_id is 99999999999; it must be an integer of 32 bits");
    }

    @Test
    void anUnknownChunkIsRefusedWithItsPlace() {
        assertRefused(
                """
                {"chunks": [{"type": "encoded_text", "tokens": [1]}, {"type": "smell"}]}\
                """,
                ModelInput.class,
                "chunks[1].type is 'smell', which this server does not know");
        assertRefused(
                """
                {"chunks": [{"type": "encoded_text", "tokens": [1, "x"]}]}\
                """,
                ModelInput.class,
                "chunks[0].tokens[1] is \"x\"; it must be an integer of 32 bits");
    }

    @Test
    void bytesThatAreNotUtf8AreRefused() {
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() ->
                        Json.read(
                                new byte[] {'{', '"', (byte) 0xC3, (byte) 0x28, '"'},
                                Service.Heartbeat.class))
                .withMessageStartingWith("the body is not JSON in UTF-8");
    }

    @Test
    void whatFollowsTheBodyIsRefused() {
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> read("{\"session_id\": \"s\"} {}", Service.Heartbeat.class));
    }

    @Test
    void aBodyOfEndlessDepthIsRefused() {
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> read("{\"a\":".repeat(5000), Service.Heartbeat.class))
                .withMessageStartingWith("the body is not JSON in UTF-8");
    }

    @Test
    void theSameFieldTwiceIsRefused() {
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() ->
                        read(
                                "{\"session_id\": \"s\", \"session_id\": \"t\"}",
                                Service.Heartbeat.class));
    }

    @Test
    void metadataOfAnyKindBecomesText() {
        Service.CreateSession session =
                read(
                        """
                        {"tags": ["a"], "user_metadata": {"n": 3, "s": "x", "l": [1], "z": null}}\
                        """,
                        Service.CreateSession.class);

        assertThat(session.userMetadata().orElseThrow().values())
                .containsExactly(
                        Map.entry("l", "[1]"),
                        Map.entry("n", "3"),
                        Map.entry("s", "x"),
                        Map.entry("z", "null"));
    }

    @Test
    void anOptimizerIsReadWithTheNamesOfItsSettings() {
        Weights.Load load =
                read(
                        """
                        {"path": "tinker://r/weights/x", "optimizer": false, "session_id": "s", "model_seq_id": 0,
                         "optimizer_config": {"type": "dimuon", "version": 1}}\
                        """,
                        Weights.Load.class);

        assertThat(load.optimizerConfig().orElseThrow().type()).isEqualTo("dimuon");
        assertThat(load.optimizerConfig().orElseThrow().settings()).containsExactly("version");
    }

    @Test
    void anAbsentAnswerIsLeftOut() {
        assertThat(written(Futures.Promised.of("m:1", "m")))
                .isEqualTo("{\"request_id\":\"m:1\",\"model_id\":\"m\"}");
        assertThat(written(new Rest.Nothing())).isEqualTo("{}");
    }

    @Test
    void aCheckpointIsWrittenAsClientsReadIt() {
        Rest.Checkpoint checkpoint =
                new Rest.Checkpoint(
                        "weights/x",
                        "training",
                        Instant.parse("2026-01-01T00:00:00Z"),
                        "tinker://r/weights/x",
                        10,
                        false,
                        new Metadata(new TreeMap<>(Map.of("k", "v"))),
                        Optional.empty());

        assertThat(written(checkpoint))
                .isEqualTo(
                        """
                        {"checkpoint_id":"weights/x","checkpoint_type":"training",\
                        "time":"2026-01-01T00:00:00Z","tinker_path":"tinker://r/weights/x",\
                        "size_bytes":10,"public":false,"user_metadata":{"k":"v"}}\
                        """);
    }

    private static Sampling.Sample sample(String params, String envelope) {
        return read(SAMPLE.formatted(params, envelope), Sampling.Sample.class);
    }

    private static Sampling.Stop stop(String written) {
        return sample(", \"stop\": " + written, "").samplingParams().stop().orElseThrow();
    }

    private static <T> T read(String body, Class<T> type) {
        return Json.read(body.getBytes(UTF_8), type);
    }

    private static String written(Object answer) {
        return new String(Json.write(answer), UTF_8);
    }

    private static void assertRefused(String body, Class<?> type, String sentence) {
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> read(body, type))
                .withMessage(sentence);
    }
}
