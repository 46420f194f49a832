package dev.tinsmith.server.api;

import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.Sample;
import dev.tinsmith.engine.SamplingSpec;
import dev.tinsmith.engine.Tokens;
import dev.tinsmith.engine.Weights;
import dev.tinsmith.protocol.Sampling;
import dev.tinsmith.protocol.codec.Results;
import dev.tinsmith.server.http.Refusal;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/// Wire → engine and back, for sampling.
///
/// @param context how many tokens the base reads at once, prompt and continuation together
/// @param ends the tokens that end a text
/// @param stops knows where these texts end
/// @param fresh gives the seed of a client that chose none
record Draw(
        int vocabulary,
        int context,
        Set<Integer> ends,
        Function<List<String>, SamplingSpec.StopText> stops,
        Supplier<Long> fresh) {
    /// How many continuations one request may ask for.
    private static final int MAX_SAMPLES = 1024;

    /// How many tokens one request may ask for at each position.
    private static final int MAX_TOP = 256;

    /// How many log-probabilities of one kind beside the sampled tokens' own one answer may hold:
    /// 16 MB of them with their ids.
    private static final int MAX_CELLS = 1 << 21;

    /// How many texts may end a sample, and how many characters each may have: all are looked for
    /// after every token.
    private static final int MAX_STOPS = 64;

    private static final int MAX_STOP_LENGTH = 1000;

    Sample sample(Sampling.Sample asked, Weights weights) {
        refuseWhatIsNotHonoured(asked);
        between("num_samples", asked.numSamples(), 1, MAX_SAMPLES);
        Tokens prompt = Border.tokens("prompt", asked.prompt(), vocabulary);
        if (prompt.length() == 0) {
            throw Refusal.bad("prompt is empty; it must hold at least one token");
        }
        SamplingSpec spec = spec(asked.samplingParams(), prompt.length());
        long sampled = (long) asked.numSamples() * spec.maxTokens();
        int topSampled =
                perPosition(
                        "topk_sample_logprobs", asked.topkSampleLogprobs(), vocabulary, sampled);
        return new Sample(
                weights, prompt, asked.numSamples(), spec, score(asked, prompt), topSampled);
    }

    private static void refuseWhatIsNotHonoured(Sampling.Sample asked) {
        if (asked.recordStabilityInfo().orElse(false)) {
            throw Refusal.bad(
                    "record_stability_info is true; this server records none, since it has no loss that reads it; send false");
        }
    }

    private Sample.PromptScore score(Sampling.Sample asked, Tokens prompt) {
        int length = prompt.length();
        boolean logprobs = asked.promptLogprobs().orElse(false);
        asked.promptLogprobsLastN()
                .ifPresent(last -> {
                    if (!logprobs) {
                        throw Refusal.bad(
                                "prompt_logprobs_last_n is %d while prompt_logprobs is false; send true with it"
                                        .formatted(last));
                    }
                    if (last < 1 || last >= length) {
                        throw Refusal.bad(
                                "prompt_logprobs_last_n is %d for a prompt of %d tokens; it must be at least 1 and below the prompt's length"
                                        .formatted(last, length));
                    }
                });
        return new Sample.PromptScore(
                logprobs,
                asked.promptLogprobsLastN().orElse(Integer.MAX_VALUE),
                perPosition("topk_prompt_logprobs", asked.topkPromptLogprobs(), vocabulary, length),
                asked.targetPromptLogprobs()
                        .map(targets -> targets(targets, length))
                        .orElse(List.of()),
                perPosition("prompt_alt_tokens_k", asked.promptAltTokensK(), MAX_TOP, length));
    }

    /// A number of tokens at each of so many positions.
    private static int perPosition(
            String field, Optional<Integer> asked, int most, long positions) {
        int count = asked.orElse(0);
        between(field, count, 0, Math.min(MAX_TOP, most));
        if (count * positions > MAX_CELLS) {
            throw Refusal.bad(
                    "%s is %d at up to %d positions; one answer holds %d such values, so it must be at most %d here"
                            .formatted(field, count, positions, MAX_CELLS, MAX_CELLS / positions));
        }
        return count;
    }

    private List<Tokens> targets(Sampling.Targets asked, int prompt) {
        if (asked.rows() != prompt - 1) {
            throw Refusal.bad(
                    "target_prompt_logprobs has %d rows; a prompt of %d tokens needs %d, one for each token after the first"
                            .formatted(asked.rows(), prompt, prompt - 1));
        }
        int[] ids = asked.data().toArray();
        if (ids.length > MAX_CELLS) {
            throw Refusal.bad(
                    "target_prompt_logprobs has %d values; one answer holds %d such values, so name fewer, or list only those you need"
                            .formatted(ids.length, MAX_CELLS));
        }
        boolean named = false;
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] < Sample.PromptScore.NO_TARGET || ids[i] >= vocabulary) {
                throw Refusal.bad(
                        "target_prompt_logprobs.data[%d] is %d; the vocabulary of this model has the ids 0 to %d, and -1 asks for nothing"
                                .formatted(i, ids[i], vocabulary - 1));
            }
            named |= ids[i] != Sample.PromptScore.NO_TARGET;
        }
        if (!named) {
            throw Refusal.bad(
                    "target_prompt_logprobs names no token; name at least one, or leave it out");
        }
        return IntStream.range(0, asked.rows())
                .mapToObj(row ->
                        Tokens.of(Arrays.copyOfRange(ids, asked.start(row), asked.start(row + 1))))
                .toList();
    }

    private SamplingSpec spec(Sampling.Params params, int promptLength) {
        int room = context - promptLength;
        int wanted = params.maxTokens().orElse(Math.max(room, 1));
        if (wanted > room) {
            throw Refusal.bad(
                    "prompt length plus max_tokens exceeds the context length of this model: %d prompt tokens + %d max_tokens > %d"
                            .formatted(promptLength, wanted, context));
        }
        int topK = params.topK().orElse(-1);
        if (topK < -1) {
            throw Refusal.bad(
                    "sampling_params.top_k is %d; it must be -1 or 0 for all tokens, or at least 1"
                            .formatted(topK));
        }
        try {
            return new SamplingSpec(
                    wanted,
                    params.temperature().orElse(1.0),
                    topK,
                    params.topP().orElse(1.0),
                    params.seed().map(seed -> seed.value()).orElseGet(fresh),
                    stopTokens(params.stop()),
                    stopText(params.stop()));
        } catch (IllegalArgumentException rule) {
            throw Refusal.bad("sampling_params: %s".formatted(rule.getMessage()));
        }
    }

    /// The end of a text ends a sample too, unless the client said that nothing shall.
    private Set<Integer> stopTokens(Optional<Sampling.Stop> stop) {
        if (stop.isEmpty()) {
            return ends;
        }
        return switch (stop.get()) {
            case Sampling.Stop.Never _ -> Set.of();
            case Sampling.Stop.Texts _ -> ends;
            case Sampling.Stop.TokenIds tokens -> {
                Set<Integer> all = new HashSet<>(ends);
                for (int id : tokens.ids()) {
                    between("sampling_params.stop", id, 0, vocabulary - 1);
                    all.add(id);
                }
                yield all;
            }
        };
    }

    private SamplingSpec.StopText stopText(Optional<Sampling.Stop> stop) {
        return stop.filter(Sampling.Stop.Texts.class::isInstance)
                .map(Sampling.Stop.Texts.class::cast)
                .map(texts -> stops.apply(few(texts.texts())))
                .orElse(SamplingSpec.StopText.NONE);
    }

    private static List<String> few(List<String> texts) {
        between("the number of texts in sampling_params.stop", texts.size(), 1, MAX_STOPS);
        for (int i = 0; i < texts.size(); i++) {
            between(
                    "the length of sampling_params.stop[%d]".formatted(i),
                    texts.get(i).length(),
                    1,
                    MAX_STOP_LENGTH);
        }
        return texts;
    }

    private static void between(String field, long value, long least, long most) {
        if (value < least || value > most) {
            throw Refusal.bad("%s is %d; it must be %d to %d".formatted(field, value, least, most));
        }
    }

    /// What came of a sample, for its client.
    ///
    /// @param asked what the targets looked like, since they go back as they came
    static byte[] told(Outcome.Sampled sampled, Optional<Sampling.Targets> asked) {
        Outcome.Scored prompt = sampled.prompt();
        return Results.sampled(
                sampled.sequences().stream()
                        .map(sequence ->
                                new Results.Sequence(
                                        sequence.stopped(),
                                        sequence.tokens()::toArray,
                                        sequence.logprobs()::toArray,
                                        sequence.top().map(Draw::top)))
                        .toList(),
                new Results.Prompt(
                        prompt.logprobs().map(values -> values::toArray),
                        prompt.top().map(Draw::top),
                        asked.flatMap(targets ->
                                prompt.targets()
                                        .map(values ->
                                                new Results.Scores(targets, values::toArray))),
                        prompt.alternatives()
                                .map(drawn ->
                                        new Results.Alternatives(
                                                drawn.k(),
                                                drawn.ids()::toArray,
                                                drawn.logprobs()::toArray)),
                        sampled.cached()));
    }

    private static Results.Top top(Outcome.TopTokens top) {
        return new Results.Top(top.k(), top.length(), top.ids()::toArray, top.logprobs()::toArray);
    }
}
