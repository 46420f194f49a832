package dev.tinsmith.torch.sample;

import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.Sample;
import dev.tinsmith.torch.lora.Adaptation;
import dev.tinsmith.torch.lora.Blend;
import dev.tinsmith.torch.nn.Decoder;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/// A sample under way.
final class Request {
    private final long ticket;
    private final Sample sample;
    private final Decoder decoder;
    private final Adaptation adaptation;
    private final Runnable release;
    private final List<Continuation> continuations = new ArrayList<>();
    private Outcome.Scored scored = Outcome.Scored.NONE;
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

    /// Finds out what it asks of its prompt, the first time that the prompt is passed through.
    ///
    /// @param x_TD what the unembedding reads; row i says what comes after token i
    void score(Tensor x_TD, Blend blend) {
        if (first == 0) {
            scored = PromptScores.of(sample, x_TD, decoder.unembedding(), blend);
        }
    }

    /// Gives the adapter back.
    void release() {
        release.run();
    }

    Outcome result() {
        return new Outcome.Sampled(
                continuations.stream().map(Continuation::result).toList(), scored);
    }
}
