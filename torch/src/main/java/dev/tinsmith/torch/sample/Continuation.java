package dev.tinsmith.torch.sample;

import dev.tinsmith.engine.Floats;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.SamplingSpec;
import dev.tinsmith.engine.Tokens;
import dev.tinsmith.torch.draw.RandomStream;
import java.util.Arrays;
import java.util.Optional;

/// One continuation as it grows.
final class Continuation {
    private final SamplingSpec spec;
    private final int room;
    private final TopRows top;
    private final RandomStream stream;
    private int[] tokens = new int[16];
    private float[] logprobs = new float[16];
    private int length;
    private boolean stopped;

    /// @param index which of its request's continuations this is
    /// @param context how many tokens the model can look at
    /// @param prompt how many the prompt has
    Continuation(SamplingSpec spec, int index, int context, int prompt, int topSampled) {
        this.spec = spec;
        this.room = Math.max(1, Math.min(spec.maxTokens(), context - prompt));
        this.top = new TopRows(topSampled);
        this.stream = new RandomStream(spec.seed(), index);
    }

    SamplingSpec spec() {
        return spec;
    }

    /// The random number for the next token.
    double uniform() {
        return stream.uniform(length);
    }

    /// Takes the next token, and sees whether it is the last.
    void add(int token, float logprob) {
        if (length == tokens.length) {
            tokens = Arrays.copyOf(tokens, 2 * length);
            logprobs = Arrays.copyOf(logprobs, 2 * length);
        }
        tokens[length] = token;
        logprobs[length] = logprob;
        length++;
        stopped = spec.stopTokens().contains(token) || endsText();
    }

    private boolean endsText() {
        return spec.stopText() != SamplingSpec.StopText.NONE && spec.stopText().endsAt(generated());
    }

    TopRows top() {
        return top;
    }

    boolean isDone() {
        return stopped || length >= room;
    }

    int lastToken() {
        return tokens[length - 1];
    }

    private Tokens generated() {
        return Tokens.of(Arrays.copyOf(tokens, length));
    }

    Outcome.Sequence result() {
        return new Outcome.Sequence(
                generated(),
                Floats.of(Arrays.copyOf(logprobs, length)),
                stopped,
                top.isWanted() ? Optional.of(top.result()) : Optional.empty());
    }
}
