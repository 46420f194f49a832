package dev.tinsmith.torch.pass;

import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.Floats;
import dev.tinsmith.engine.loss.LossFunction;
import dev.tinsmith.engine.loss.Tally;
import dev.tinsmith.torch.lora.Blend;
import dev.tinsmith.torch.lora.FactorSet;
import dev.tinsmith.torch.lora.SoloTraining;
import dev.tinsmith.torch.nn.Decoder;
import dev.tinsmith.torch.nn.Unembedding;
import dev.tinsmith.torch.ops.Dtype;
import dev.tinsmith.torch.ops.NativeHeap;
import dev.tinsmith.torch.ops.Scope;
import dev.tinsmith.torch.ops.Threads;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// A batch of datums on its way through a decoder, forwards and, if gradients are wanted,
/// backwards, pack by pack: as many as fit a budget of tokens, or one that alone is longer. A pack
/// has two sides of about as many tokens, which are computed at the same time, and whose gradients
/// are added up apart. Packs and their sides are those of the batch alone, whoever shares the
/// decoder with it.
public final class Pass {
    /// How many sides a pack has.
    public static final int SIDES = 2;

    private final Decoder decoder;
    private final LossFunction loss;
    private final FactorSet factors;
    private final List<SoloTraining> training;
    private final List<Floats> logprobs = new ArrayList<>();
    private final Tally tally = new Tally();
    private final List<Batch.Datum> data;
    private final int budget;
    private final Deque<Packs.Pack> left;
    private Optional<RuntimeException> failure = Optional.empty();

    /// @param training where gradients of each of the [#SIDES] go, of which a single datum needs
    ///   but one; empty: nothing is kept for a backward pass
    /// @param budget how many tokens go through at once
    public Pass(
            Decoder decoder,
            LossFunction loss,
            FactorSet factors,
            List<SoloTraining> training,
            List<Batch.Datum> data,
            int budget) {
        this.decoder = decoder;
        this.loss = loss;
        this.factors = factors;
        this.training = List.copyOf(training);
        this.data = List.copyOf(data);
        this.budget = budget;
        List<Integer> lengths = data.stream().map(datum -> datum.tokens().length()).toList();
        this.left = new ArrayDeque<>(Packs.of(lengths, budget));
    }

    /// Computes the next pack of this pass, and in the same go that of each of `others`, which
    /// [#mayJoin] it. Whether it came to a good end, its [#result] says.
    public void advance(List<Pass> others, Threads threads) {
        List<Part> parts = new ArrayList<>(next());
        others.forEach(other -> parts.addAll(other.next()));
        try (Scope _ = Scope.open()) {
            compute(parts, threads);
        }
        parts.forEach(part -> part.pass().take(part));
        NativeHeap.tidy();
    }

    /// In bf16 on two threads, each with about half of the tokens. In F32 in one go, since MKL
    /// gives some small products other bits with another number of threads; but side after side
    /// where there are experts, whose rows are no range.
    private void compute(List<Part> parts, Threads threads) {
        if (decoder.dtype() == Dtype.BF16) {
            computeApart(parts, threads);
        } else if (decoder.spec().hasExperts()) {
            parts.forEach(part -> joint(List.of(part)).compute(budget));
        } else {
            joint(parts).compute(budget);
        }
    }

    private void computeApart(List<Part> parts, Threads threads) {
        List<Part> one = new ArrayList<>();
        List<Part> other = new ArrayList<>();
        for (Part part : parts) {
            (tokens(one) <= tokens(other) ? one : other).add(part);
        }
        Joint first = joint(one);
        if (other.isEmpty()) {
            first.compute(budget);
        } else {
            Joint second = new Joint(decoder, decoder.unembeddingBesides(), other);
            threads.both(() -> first.compute(budget), () -> second.compute(budget));
        }
    }

    private Joint joint(List<Part> parts) {
        return new Joint(decoder, decoder.unembedding(), parts);
    }

    private static int tokens(List<Part> parts) {
        return parts.stream().mapToInt(Part::tokens).sum();
    }

    /// Whether the next packs of both can be computed in one go.
    public boolean mayJoin(Pass other) {
        return decoder == other.decoder
                && !decoder.spec().hasExperts()
                && training.isEmpty() == other.training.isEmpty()
                && !isDone()
                && !other.isDone();
    }

    /// How many tokens the next pack has; 0 if there is none.
    public int nextTokens() {
        return left.isEmpty() ? 0 : left.element().of(data).stream().mapToInt(Pass::length).sum();
    }

    /// Whether every datum was computed, or one of them failed.
    public boolean isDone() {
        return left.isEmpty();
    }

    /// Why it ended before its time, if it did.
    public Optional<RuntimeException> failure() {
        return failure;
    }

    /// What came of those that were.
    ///
    /// @throws PassException if a loss or a gradient was no number
    public Result result() {
        if (failure.isPresent()) {
            throw failure.get();
        }
        return new Result(List.copyOf(logprobs), tally.metrics());
    }

    private List<Part> next() {
        Packs.Pack pack = left.remove();
        Packs.Pack one = pack.half(data.stream().map(Pass::length).toList());
        List<Part> parts = new ArrayList<>(List.of(part(one, 0)));
        if (one.to() < pack.to()) {
            parts.add(part(new Packs.Pack(one.to(), pack.to()), 1));
        }
        return parts;
    }

    private Part part(Packs.Pack pack, int side) {
        Optional<SoloTraining> its =
                training.isEmpty() ? Optional.empty() : Optional.of(training.get(side));
        return new Part(this, pack.of(data), pack.from(), its);
    }

    FactorSet factors() {
        return factors;
    }

    Head head(Unembedding unembedding, Optional<SoloTraining> its) {
        return new Head(unembedding, loss, Blend.all(factors), its);
    }

    /// Takes what came of a part; those of a pack come in order.
    private void take(Part part) {
        if (failure.isPresent()) {
            return;
        }
        if (part.failure().isPresent()) {
            fail(part.failure().get());
            return;
        }
        logprobs.addAll(part.result().logprobs());
        part.result().evaluations().forEach(tally::add);
    }

    /// Ends it; where a datum's numbers are none, with the place in the model where that began.
    private void fail(RuntimeException reason) {
        failure = Optional.of(reason instanceof PassException none ? located(none) : reason);
        left.clear();
    }

    private PassException located(PassException none) {
        return Origin.of(decoder, factors, data.get(none.datum()).tokens())
                .map(none::since)
                .orElse(none);
    }

    private static int length(Batch.Datum datum) {
        return datum.tokens().length();
    }

    /// What came of it.
    ///
    /// @param logprobs for each datum, in order, one for each of its targets
    /// @param metrics by `name:reduction`; always holds `loss:sum`, the sum over all datums
    public record Result(List<Floats> logprobs, SortedMap<String, Double> metrics) {
        public Result {
            logprobs = List.copyOf(logprobs);
            metrics = Collections.unmodifiableSortedMap(new TreeMap<>(metrics));
        }
    }
}
