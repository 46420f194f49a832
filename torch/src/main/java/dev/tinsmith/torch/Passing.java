package dev.tinsmith.torch;

import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.EngineException;
import dev.tinsmith.engine.Fault;
import dev.tinsmith.engine.LossSpec;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.engine.loss.LossFunction;
import dev.tinsmith.engine.loss.Losses;
import dev.tinsmith.torch.adapter.FlatFactors;
import dev.tinsmith.torch.lora.FactorSet;
import dev.tinsmith.torch.lora.SoloTraining;
import dev.tinsmith.torch.ops.Magnitude;
import dev.tinsmith.torch.ops.Ops;
import dev.tinsmith.torch.ops.Threads;
import dev.tinsmith.torch.pass.Pass;
import dev.tinsmith.torch.pass.PassException;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/// A batch on its way through a run's model, a pack of datums at a time. Gradients go to a row of
/// their own until all of them are there, so that a batch that fails leaves none behind.
///
/// Where memory runs out it begins anew with packs of half as many tokens, until those are few.
final class Passing implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Passing.class.getName());

    /// Packs of fewer tokens are not tried.
    private static final int LEAST_BUDGET = 32;

    private final RunId id;
    private final Run run;
    private final IntFunction<Pass> passes;
    private int budget;
    private Pass pass;
    private List<FlatFactors> gradients;

    /// @param passes the batch's pass, given how many tokens go through at once
    /// @param gradients where those of each side of it go; empty: none are wanted
    Passing(RunId id, Run run, IntFunction<Pass> passes, int budget, List<FlatFactors> gradients) {
        this.id = id;
        this.run = run;
        this.passes = passes;
        this.budget = budget;
        this.pass = passes.apply(budget);
        this.gradients = List.copyOf(gradients);
    }

    /// Checks a batch, and makes room for its gradients if there are to be any.
    ///
    /// @param budget how many tokens go through at once
    /// @throws RuntimeException if the batch or the loss breaks a rule
    static Passing of(
            RunId id, Run run, Batch batch, LossSpec spec, boolean isTraining, int budget) {
        new Checks(run.decoder().spec()).batch(batch);
        Losses.check(spec, batch);
        LossFunction loss = Losses.of(spec);
        FactorSet factors = run.adapter().factors();
        List<FlatFactors> gradients =
                Stream.generate(run::zeros)
                        .limit(isTraining ? Math.min(Pass.SIDES, batch.data().size()) : 0)
                        .toList();
        List<SoloTraining> training =
                gradients.stream().map(sums -> new SoloTraining(factors, sums)).toList();
        return new Passing(
                id,
                run,
                each -> new Pass(run.decoder(), loss, factors, training, batch.data(), each),
                budget,
                gradients);
    }

    /// Computes the next pack, and in the same go that of each of `others`.
    ///
    /// @return what came of this batch, once it is through
    /// @throws EngineException if a number on the way is none
    Optional<Outcome> advance(List<Passing> others, Threads threads) {
        pass.advance(others.stream().map(other -> other.pass).toList(), threads);
        return outcome();
    }

    /// What came of the batch, once it is through.
    ///
    /// @throws EngineException if a number on the way was none
    Optional<Outcome> outcome() {
        if (pass.failure().filter(Failures::isMemory).isPresent() && budget / 2 >= LEAST_BUDGET) {
            beginAnew();
        }
        return pass.isDone() ? Optional.of(end()) : Optional.empty();
    }

    private void beginAnew() {
        budget /= 2;
        LOG.log(
                System.Logger.Level.WARNING,
                "not enough memory for a pass of {0}; it is tried again with {1} tokens at once",
                id,
                budget);
        gradients.forEach(sums -> sums.flat_N().zero_());
        pass = passes.apply(budget);
    }

    /// How many tokens may go through with the next pack and all who join it.
    int budget() {
        return budget;
    }

    /// Whether the next pack of both can be computed in one go.
    boolean mayJoin(Passing other) {
        return pass.mayJoin(other.pass);
    }

    /// How many tokens the next pack has.
    int nextTokens() {
        return pass.nextTokens();
    }

    private Outcome end() {
        Pass.Result result = result();
        if (!gradients.isEmpty()) {
            FlatFactors sums = gradients.getFirst();
            gradients.stream().skip(1).forEach(side -> Ops.add(sums.flat_N(), side.flat_N()));
            checkFinite(sums);
            gradients.stream().skip(1).forEach(FlatFactors::close);
            gradients = List.of();
            run.add(sums);
        }
        return new Outcome.Passed(result.logprobs(), result.metrics());
    }

    private Pass.Result result() {
        try {
            return pass.result();
        } catch (PassException notANumber) {
            throw new EngineException(
                    Fault.USER,
                    "run %s, %s; if its weights have diverged, load an earlier checkpoint"
                            .formatted(id, notANumber.getMessage()));
        }
    }

    private void checkFinite(FlatFactors sums) {
        if (!Magnitude.isFinite(sums.flat_N())) {
            throw new EngineException(
                    Fault.USER,
                    "run %s, the gradients of this batch are too large for single precision, on the way back first in %s; use smaller weights or advantages"
                            .formatted(id, sums.lastNotFinite().orElse("no single layer")));
        }
    }

    @Override
    public void close() {
        gradients.forEach(FlatFactors::close);
        gradients = List.of();
    }
}
