package dev.tinsmith.torch.sample;

import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.Sample;
import dev.tinsmith.torch.lora.Adaptation;
import dev.tinsmith.torch.nn.Decoder;
import java.util.ArrayList;
import java.util.List;

/// A sample under way.
final class Request {
    private final long ticket;
    private final Sample sample;
    private final Decoder decoder;
    private final Adaptation adaptation;
    private final Runnable release;
    private final List<Continuation> continuations = new ArrayList<>();
    private final PromptScores scores;

    /// @param release gives the adapter back
    Request(long ticket, Sample sample, Decoder decoder, Adaptation adaptation, Runnable release) {
        this.ticket = ticket;
        this.sample = sample;
        this.decoder = decoder;
        this.adaptation = adaptation;
        this.release = release;
        this.scores = new PromptScores(sample);
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

    List<Continuation> continuations() {
        return continuations;
    }

    PromptScores scores() {
        return scores;
    }

    boolean isDone() {
        return continuations.stream().allMatch(Continuation::isDone);
    }

    /// Gives the adapter back.
    void release() {
        release.run();
    }

    Outcome result() {
        return new Outcome.Sampled(
                continuations.stream().map(Continuation::result).toList(),
                scores.logprobs(),
                scores.top());
    }
}
