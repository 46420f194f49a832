package dev.tinsmith.torch.pass;

import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.Floats;
import dev.tinsmith.engine.loss.LossFunction;
import dev.tinsmith.engine.loss.Tally;
import dev.tinsmith.torch.lora.Blend;
import dev.tinsmith.torch.lora.FactorSet;
import dev.tinsmith.torch.lora.SoloTraining;
import dev.tinsmith.torch.nn.Decoder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;

/// A batch of datums on its way through a decoder, forwards and, if gradients are wanted,
/// backwards, pack by pack: as many as fit a budget of tokens, or one that alone is longer. Packs
/// are those of the batch alone, whoever shares the decoder with it.
public final class Pass {
    private final Decoder decoder;
    private final LossFunction loss;
    private final FactorSet factors;
    private final Optional<SoloTraining> training;
    private final List<Floats> logprobs = new ArrayList<>();
    private final Tally tally = new Tally();
    private final List<Batch.Datum> data;
    private final int budget;
    private final Deque<Packs.Pack> left;
    private Optional<RuntimeException> failure = Optional.empty();

    /// @param training where gradients go; without it nothing is kept for a backward pass
    /// @param budget how many tokens go through at once
    public Pass(
            Decoder decoder,
            LossFunction loss,
            FactorSet factors,
            Optional<SoloTraining> training,
            List<Batch.Datum> data,
            int budget) {
        this.decoder = decoder;
        this.loss = loss;
        this.factors = factors;
        this.training = training;
        this.data = List.copyOf(data);
        this.budget = budget;
        List<Integer> lengths = data.stream().map(datum -> datum.tokens().length()).toList();
        this.left = new ArrayDeque<>(Packs.of(lengths, budget));
    }

    /// Computes the next pack of this pass, and in the same go that of each of `others`, which
    /// [#mayJoin] it. Whether it came to a good end, its [#result] says.
    public void advance(List<Pass> others) {
        List<Pass> together = new ArrayList<>(List.of(this));
        together.addAll(others);
        new Joint(together.stream().map(Pass::next).toList()).compute(decoder, budget);
    }

    /// As [#advance] with nobody else.
    public void advance() {
        advance(List.of());
    }

    /// Whether the next packs of both can be computed in one go.
    public boolean mayJoin(Pass other) {
        return decoder == other.decoder
                && !decoder.spec().hasExperts()
                && training.isPresent() == other.training.isPresent()
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

    private Joint.Part next() {
        Packs.Pack pack = left.remove();
        return new Joint.Part(this, pack.of(data), pack.from());
    }

    FactorSet factors() {
        return factors;
    }

    Optional<SoloTraining> training() {
        return training;
    }

    /// The loss of some datums, from what the unembedding reads of them.
    ///
    /// @param first the first one's place in its batch
    /// @return the gradient by `x`, if any row has one
    Optional<Tensor> head(List<Batch.Datum> some, int first, Tensor x_TD) {
        Blend blend = Blend.all(factors);
        Head head = new Head(decoder.unembedding(), loss, blend, training, tally);
        Head.Result result = head.run(some, first, x_TD);
        logprobs.addAll(result.logprobs());
        return result.dx_TD();
    }

    /// Ends it with `reason`.
    void fail(RuntimeException reason) {
        failure = Optional.of(reason);
        left.clear();
    }

    /// Ends it since a datum's numbers are none, and says where in the model that began.
    void fail(PassException none) {
        Optional<String> where = Origin.of(decoder, factors, data.get(none.datum()).tokens());
        fail((RuntimeException) where.map(none::since).orElse(none));
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
