package dev.tinsmith.server.api;

import dev.tinsmith.engine.Sample;
import dev.tinsmith.engine.SamplingSpec;
import dev.tinsmith.engine.Tokens;
import dev.tinsmith.engine.Weights;
import dev.tinsmith.protocol.Sampling;
import dev.tinsmith.server.http.Refusal;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/// Wire → engine, for sampling.
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

    /// How many likeliest tokens one request may ask for at each position.
    private static final int MAX_TOP = 256;

    Sample sample(Sampling.Sample asked, Weights weights) {
        refuseWhatIsNotHonoured(asked);
        between("num_samples", asked.numSamples(), 1, MAX_SAMPLES);
        Tokens prompt = Border.tokens("prompt", asked.prompt(), vocabulary);
        if (prompt.length() == 0) {
            throw Refusal.bad("prompt is empty; it must hold at least one token");
        }
        SamplingSpec spec = spec(asked.samplingParams(), prompt.length());
        int topSampled = asked.topkSampleLogprobs().orElse(0);
        between("topk_sample_logprobs", topSampled, 0, Math.min(MAX_TOP, vocabulary));
        return new Sample(weights, prompt, asked.numSamples(), spec, score(asked), topSampled);
    }

    private static void refuseWhatIsNotHonoured(Sampling.Sample asked) {
        if (asked.targetPromptLogprobs().isPresent()) {
            throw Refusal.bad(
                    "target_prompt_logprobs is not offered by this server; use prompt_logprobs or topk_prompt_logprobs");
        }
        if (asked.promptAltTokensK().orElse(0) != 0) {
            throw Refusal.bad(
                    "prompt_alt_tokens_k is %d, and is not offered by this server; send 0, or use topk_prompt_logprobs"
                            .formatted(asked.promptAltTokensK().orElse(0)));
        }
        if (asked.recordStabilityInfo().orElse(false)) {
            throw Refusal.bad(
                    "record_stability_info is true; this server records none, since it has no loss that reads it; send false");
        }
    }

    private Sample.PromptScore score(Sampling.Sample asked) {
        boolean logprobs = asked.promptLogprobs().orElse(false);
        int topK = asked.topkPromptLogprobs().orElse(0);
        between("topk_prompt_logprobs", topK, 0, Math.min(MAX_TOP, vocabulary));
        Optional<Integer> lastN = asked.promptLogprobsLastN();
        if (lastN.isPresent()) {
            between("prompt_logprobs_last_n", lastN.get(), 0, Integer.MAX_VALUE);
            if (!logprobs) {
                throw Refusal.bad(
                        "prompt_logprobs_last_n is %d while prompt_logprobs is false; send true with it"
                                .formatted(lastN.get()));
            }
        }
        return new Sample.PromptScore(logprobs, lastN.orElse(Integer.MAX_VALUE), topK);
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
                    "sampling_params.top_k is %d; it must be -1 for all tokens, or at least 1"
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
                .map(texts -> stops.apply(texts.texts()))
                .orElse(SamplingSpec.StopText.NONE);
    }

    private static void between(String field, long value, long least, long most) {
        if (value < least || value > most) {
            throw Refusal.bad("%s is %d; it must be %d to %d".formatted(field, value, least, most));
        }
    }
}
