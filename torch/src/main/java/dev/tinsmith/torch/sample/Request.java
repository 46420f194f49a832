package dev.tinsmith.torch.sample;

import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.Sample;
import dev.tinsmith.torch.lora.Adaptation;
import dev.tinsmith.torch.lora.Blend;
import dev.tinsmith.torch.nn.Decoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/// A sample under way.
final class Request {
    private final long ticket;
    private final Sample sample;
    private final Decoder decoder;
    private final Adaptation adaptation;
    private final Runnable release;
    private final List<Continuation> continuations = new ArrayList<>();
    private Optional<PromptScores> scores = Optional.empty();
    private int cached;
    private int first;

    /// @param release gives the adapter back
    Request(long ticket, Sample sample, Decoder decoder, Adaptation adaptation, Runnable release) {
        this.ticket = ticket;
        this.sample = sample;
        this.decoder = decoder;
        this.adaptation = adaptation;
        this.release = release;
        for (int index = 0; index < sample.count(); index++) {
            continuations.add(
                    new Continuation(
                            sample.spec(),
                            index,
                            decoder.spec().context(),
                            sample.prompt().length(),
                            sample.topSampled()));
        }
    }

    long ticket() {
        return ticket;
    }

    Sample sample() {
        return sample;
    }

    Decoder decoder() {
        return decoder;
    }

    Adaptation adaptation() {
        return adaptation;
    }

    /// Whether one pass of the prompt serves both.
    boolean isTwinOf(Request other) {
        return isOfSameWeightsAs(other) && sample.prompt().equals(other.sample.prompt());
    }

    boolean isOfSameWeightsAs(Request other) {
        return decoder == other.decoder && adaptation == other.adaptation;
    }

    /// The continuations that advance now.
    List<Continuation> turn() {
        int end = Math.min(first + Sampler.MAX_ROWS, continuations.size());
        return continuations.subList(first, end);
    }

    /// Whether those whose turn it is are done; then it is that of the next ones, if any are left.
    boolean endsTurn() {
        boolean ends = turn().stream().allMatch(Continuation::isDone);
        if (ends) {
            first += turn().size();
        }
        return ends;
    }

    boolean isDone() {
        return first == continuations.size();
    }

    /// Its turn has come, and its prompt is passed through; the first time it is scored on the way.
    void begin() {
        if (first == 0) {
            scores = Optional.of(new PromptScores(sample));
        }
    }

    /// How many tokens of the prompt need no row of their own on the way through, since nothing is
    /// asked of what comes after them.
    int mayBeSkipped() {
        return first == 0 ? scores.orElseThrow().first() - 1 : sample.prompt().length() - 1;
    }

    /// Says how many tokens of its prompt were computed for others; the first time counts.
    void found(int tokens) {
        if (first == 0) {
            cached = tokens;
        }
    }

    /// Finds out what it asks of some of its prompt's tokens.
    ///
    /// @param x_TD what the unembedding reads of those from `from` on
    void score(Tensor x_TD, int from, Blend blend) {
        if (first == 0) {
            scores.orElseThrow().read(x_TD, from, decoder.unembedding(), blend);
        }
    }

    /// Gives the adapter back.
    void release() {
        release.run();
    }

    Outcome result() {
        return new Outcome.Sampled(
                continuations.stream().map(Continuation::result).toList(),
                scores.map(PromptScores::result).orElse(Outcome.Scored.NONE),
                cached);
    }
}
