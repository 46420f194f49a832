package dev.tinsmith.server.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.Sample;
import dev.tinsmith.engine.SamplingSpec;
import dev.tinsmith.engine.Tokens;
import dev.tinsmith.engine.Weights;
import dev.tinsmith.protocol.Sampling;
import dev.tinsmith.protocol.codec.Json;
import dev.tinsmith.server.http.Refusal;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DrawTest {
    private static final Weights WEIGHTS = new Weights.Plain(new Base("base", Path.of("base")));

    /// Token 65 is the text "A", and so on.
    private final Draw draw = new Draw(128, 32, Set.of(2), DrawTest::stops, () -> 77L);

    @Test
    void aPlainRequestHasTheDefaultsOfTheProtocol() {
        Sample sample = sample("\"max_tokens\": 4", "");

        assertThat(sample.prompt()).isEqualTo(Tokens.of(65, 66));
        assertThat(sample.spec())
                .isEqualTo(
                        new SamplingSpec(4, 1, -1, 1, 77, Set.of(2), SamplingSpec.StopText.NONE));
        assertThat(sample.score()).isEqualTo(Sample.PromptScore.NONE);
    }

    @Test
    void withoutAMaximumTheContextIsTheLimit() {
        assertThat(sample("", "").spec().maxTokens()).isEqualTo(30);
    }

    @Test
    void whatDoesNotFitTheContextIsRefusedInTheWordsThatClientsLookFor() {
        assertRefused(
                "\"max_tokens\": 31",
                "",
                "prompt length plus max_tokens exceeds the context length of this model: 2 prompt tokens + 31 max_tokens > 32");
    }

    @Test
    void anEmptyListStopsNothing() {
        assertThat(sample("\"stop\": []", "").spec().stopTokens()).isEmpty();
    }

    @Test
    void tokensAndTheEndOfTextStop() {
        assertThat(sample("\"stop\": [65]", "").spec().stopTokens())
                .containsExactlyInAnyOrder(2, 65);
    }

    @Test
    void aTextAndTheEndOfTextStop() {
        SamplingSpec spec = sample("\"stop\": [\"X\", \"Q\"]", "").spec();

        assertThat(spec.stopTokens()).containsExactly(2);
        assertThat(spec.stopText().endsAt(tokens("XA"))).isFalse();
        assertThat(spec.stopText().endsAt(tokens("AQ"))).isTrue();
    }

    @Test
    void thePromptIsScoredAsAsked() {
        Sample sample =
                sample(
                        "",
                        ", \"prompt_logprobs\": true, \"prompt_logprobs_last_n\": 1, \"topk_prompt_logprobs\": 3, \"topk_sample_logprobs\": 2");

        assertThat(sample.score()).isEqualTo(new Sample.PromptScore(true, 1, 3, List.of(), 0));
        assertThat(sample.topSampled()).isEqualTo(2);
    }

    @Test
    void aTableOfTargetsIsReadRowByRow() {
        Sample sample =
                sample(
                        "",
                        ", \"target_prompt_logprobs\": {\"data\": [5, -1, 7], \"dtype\": \"int64\", \"shape\": [1, 3]}, \"prompt_alt_tokens_k\": 256");

        assertThat(sample.score())
                .isEqualTo(
                        new Sample.PromptScore(
                                false, Integer.MAX_VALUE, 0, List.of(Tokens.of(5, -1, 7)), 256));
    }

    @Test
    void ofASparseTableWhatIsListedIsReadRowByRow() {
        Sample sample =
                sample(
                        "",
                        ", \"target_prompt_logprobs\": {\"data\": [9, 5], \"dtype\": \"int64\", \"shape\": [1, 2000000000], \"sparse_crow_indices\": [0, 2], \"sparse_col_indices\": [4, 1999999999]}");

        assertThat(sample.score().targets()).containsExactly(Tokens.of(9, 5));
    }

    @Test
    void moreCellsThanAnAnswerHoldsAreRefused() {
        Draw wide = new Draw(128, 1 << 20, Set.of(2), DrawTest::stops, () -> 77L);

        assertThatExceptionOfType(Refusal.class)
                .isThrownBy(() ->
                        wide.sample(
                                read("\"max_tokens\": 100000", ", \"topk_sample_logprobs\": 100"),
                                WEIGHTS))
                .withMessage(
                        "topk_sample_logprobs is 100 at up to 100000 positions; one answer holds 2097152 such values, so it must be at most 20 here");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "|, \"prompt_alt_tokens_k\": 257|prompt_alt_tokens_k is 257; it must be 0 to 256",
                "|, \"prompt_alt_tokens_k\": -1|prompt_alt_tokens_k is -1; it must be 0 to 256",
                "|, \"target_prompt_logprobs\": {\"data\": [1, 2], \"dtype\": \"int64\", \"shape\": [2, 1]}|target_prompt_logprobs has 2 rows; a prompt of 2 tokens needs 1, one for each token after the first",
                "|, \"target_prompt_logprobs\": {\"data\": [-1], \"dtype\": \"int64\", \"shape\": [1, 1]}|target_prompt_logprobs names no token; name at least one, or leave it out",
                "|, \"target_prompt_logprobs\": {\"data\": [3, -2], \"dtype\": \"int64\", \"shape\": [1, 2]}|target_prompt_logprobs.data[1] is -2; the vocabulary of this model has the ids 0 to 127, and -1 asks for nothing",
                "|, \"target_prompt_logprobs\": {\"data\": [128], \"dtype\": \"int64\", \"shape\": [1, 1]}|target_prompt_logprobs.data[0] is 128; the vocabulary of this model has the ids 0 to 127, and -1 asks for nothing",
                "|, \"prompt_logprobs\": true, \"prompt_logprobs_last_n\": 2|prompt_logprobs_last_n is 2 for a prompt of 2 tokens; it must be at least 1 and below the prompt's length",
                "|, \"prompt_logprobs\": true, \"prompt_logprobs_last_n\": 0|prompt_logprobs_last_n is 0 for a prompt of 2 tokens; it must be at least 1 and below the prompt's length",
                "|, \"topk_sample_logprobs\": -1|topk_sample_logprobs is -1; it must be 0 to 128",
                "|, \"record_stability_info\": true|record_stability_info is true; this server records none, since it has no loss that reads it; send false",
                "|, \"prompt_logprobs_last_n\": 3|prompt_logprobs_last_n is 3 while prompt_logprobs is false; send true with it",
                "|, \"topk_prompt_logprobs\": 500|topk_prompt_logprobs is 500; it must be 0 to 128",
                "\"temperature\": -1||sampling_params: temperature is -1.0; it must be finite and at least 0",
                "\"top_p\": 0||sampling_params: top_p is 0.0; it must be above 0 and at most 1",
                "\"top_k\": -5||sampling_params.top_k is -5; it must be -1 or 0 for all tokens, or at least 1",
                "\"max_tokens\": 0||sampling_params: max_tokens is 0; it must be at least 1",
                "\"stop\": [128]||sampling_params.stop is 128; it must be 0 to 127",
            })
    void whatCannotBeHonouredIsRefusedByName(String params, String envelope, String sentence) {
        assertRefused(params == null ? "" : params, envelope == null ? "" : envelope, sentence);
    }

    @Test
    void tooManyOrTooLongStopsAreRefused() {
        assertRefused(
                "\"stop\": [%s]".formatted(String.join(", ", Collections.nCopies(65, "\"a\""))),
                "",
                "the number of texts in sampling_params.stop is 65; it must be 1 to 64");
        assertRefused(
                "\"stop\": [\"b\", \"%s\"]".formatted("a".repeat(1001)),
                "",
                "the length of sampling_params.stop[1] is 1001; it must be 1 to 1000");
    }

    private Sample sample(String params, String envelope) {
        return draw.sample(read(params, envelope), WEIGHTS);
    }

    private static Sampling.Sample read(String params, String envelope) {
        String body =
                """
                {"sampling_session_id": "s", "seq_id": 0, "num_samples": 1,
                 "prompt": {"chunks": [{"type": "encoded_text", "tokens": [65, 66]}]},
                 "sampling_params": {%s}%s}\
                """
                        .formatted(params, envelope);
        return Json.read(body.getBytes(UTF_8), Sampling.Sample.class);
    }

    private void assertRefused(String params, String envelope, String sentence) {
        assertThatExceptionOfType(Refusal.class)
                .isThrownBy(() -> sample(params, envelope))
                .withMessage(sentence);
    }

    private static SamplingSpec.StopText stops(List<String> texts) {
        return generated ->
                texts.contains(Character.toString(generated.at(generated.length() - 1)));
    }

    private static Tokens tokens(String letters) {
        return Tokens.of(letters.chars().toArray());
    }
}
