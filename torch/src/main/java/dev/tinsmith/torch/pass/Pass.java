package dev.tinsmith.torch.pass;

import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.Floats;
import dev.tinsmith.engine.loss.LossFunction;
import dev.tinsmith.engine.loss.Tally;
import dev.tinsmith.torch.attention.SequenceMixer;
import dev.tinsmith.torch.attention.SequenceMixer.Keep;
import dev.tinsmith.torch.attention.Sequences;
import dev.tinsmith.torch.lora.Blend;
import dev.tinsmith.torch.lora.FactorSet;
import dev.tinsmith.torch.lora.Training;
import dev.tinsmith.torch.nn.Decoder;
import dev.tinsmith.torch.nn.RmsNorm;
import dev.tinsmith.torch.nn.Tape;
import dev.tinsmith.torch.ops.NativeHeap;
import dev.tinsmith.torch.ops.Ops;
import dev.tinsmith.torch.ops.Scope;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;

/// Datums through a decoder, forwards and, if gradients are wanted, backwards, pack by pack: as
/// many as fit a budget of tokens, or one that alone is longer.
public final class Pass {
    /// The longest sequence whose attention likelihoods are kept rather than computed again.
    private static final int KEEP_LIKELIHOODS = 256;

    /// How many budgets' worth of a single sequence are kept rather than computed again.
    private static final int MOST_KEPT = 2;

    private final Decoder decoder;
    private final LossFunction loss;
    private final FactorSet factors;
    private final Optional<Training> training;
    private final List<Floats> logprobs = new ArrayList<>();
    private final Tally tally = new Tally();
    private final List<Batch.Datum> data;
    private final int budget;
    private final Deque<Packs.Pack> left;

    /// @param training where gradients go; without it nothing is kept for a backward pass
    /// @param budget how many tokens go through at once
    public Pass(
            Decoder decoder,
            LossFunction loss,
            FactorSet factors,
            Optional<Training> training,
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

    /// Computes the next pack, if there is one.
    ///
    /// @throws PassException if a loss or a gradient is no number
    public void advance() {
        if (left.isEmpty()) {
            return;
        }
        Packs.Pack pack = left.remove();
        List<Batch.Datum> some = data.subList(pack.from(), pack.to());
        int tokens = some.stream().mapToInt(datum -> datum.tokens().length()).sum();
        try (Scope _ = Scope.open();
                Tape tape = new Tape(tokens > MOST_KEPT * budget)) {
            run(some, pack.from(), tape);
        }
        NativeHeap.tidy();
    }

    /// Whether every datum was computed.
    public boolean isDone() {
        return left.isEmpty();
    }

    /// What came of those that were.
    public Result result() {
        return new Result(List.copyOf(logprobs), tally.metrics());
    }

    private void run(List<Batch.Datum> data, int first, Tape tape) {
        Sequences sequences =
                new Sequences(data.stream().map(datum -> datum.tokens().length()).toList());
        SequenceMixer mixer = decoder.sequences(sequences, keep(sequences));
        Tensor h_TD = decoder.embed(Ops.indices(tokens(data, sequences.tokens())));
        Blend blend = Blend.all(factors);
        if (training.isPresent()) {
            decoder.forward(h_TD, mixer, blend, tape);
        } else {
            decoder.forward(h_TD, mixer, blend);
        }
        RmsNorm.Normed normed = decoder.normalize(h_TD);
        Head head = new Head(decoder.unembedding(), loss, blend, training, tally);
        Head.Result result = head.run(data, first, normed.y_TD());
        logprobs.addAll(result.logprobs());
        if (training.isPresent() && result.dx_TD().isPresent()) {
            Tensor dh_TD = Ops.zerosLike(h_TD);
            decoder.normalizeBackward(dh_TD, result.dx_TD().get(), normed);
            decoder.backward(dh_TD, mixer, training.get(), tape);
        }
    }

    private Keep keep(Sequences sequences) {
        if (training.isEmpty()) {
            return Keep.NOTHING;
        }
        boolean isShort =
                sequences.lengths().stream().allMatch(length -> length <= KEEP_LIKELIHOODS);
        return isShort ? Keep.LIKELIHOODS : Keep.INPUTS;
    }

    private static long[] tokens(List<Batch.Datum> data, int count) {
        long[] tokens = new long[count];
        int row = 0;
        for (Batch.Datum datum : data) {
            for (int position = 0; position < datum.tokens().length(); position++) {
                tokens[row++] = datum.tokens().at(position);
            }
        }
        return tokens;
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
