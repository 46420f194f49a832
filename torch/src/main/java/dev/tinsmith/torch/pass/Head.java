package dev.tinsmith.torch.pass;

import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.Floats;
import dev.tinsmith.engine.loss.LossFunction;
import dev.tinsmith.torch.lora.Blend;
import dev.tinsmith.torch.lora.SoloTraining;
import dev.tinsmith.torch.nn.Unembedding;
import dev.tinsmith.torch.ops.Dtype;
import dev.tinsmith.torch.ops.Ops;
import dev.tinsmith.torch.ops.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/// Unembedding and loss in one: hidden states come in, log-probabilities, losses and the gradient
/// by the hidden states go out.
///
/// Whole datums are taken together as long as they fit a block of the unembedding, since their
/// scores then serve the backward pass too. A datum longer than a block has its scores computed
/// twice.
final class Head {
    private final Unembedding unembedding;
    private final LossFunction loss;
    private final Blend blend;
    private final Optional<SoloTraining> training;
    private final List<Floats> logprobs = new ArrayList<>();
    private final List<LossFunction.Evaluation> evaluations = new ArrayList<>();

    Head(Unembedding unembedding, LossFunction loss, Blend blend, Optional<SoloTraining> training) {
        this.unembedding = unembedding;
        this.loss = loss;
        this.blend = blend;
        this.training = training;
    }

    /// @param first the first datum's place in its batch, for messages
    /// @param x_TD what the unembedding reads, the datums' rows one after another
    Result run(List<Batch.Datum> data, int first, Tensor x_TD) {
        Tensor dx_TD = Ops.zeros(Dtype.F32, training.isPresent() ? x_TD.size(0) : 0, x_TD.size(1));
        boolean any = false;
        int row = 0;
        List<Integer> lengths = data.stream().map(datum -> datum.tokens().length()).toList();
        for (Packs.Pack pack : Packs.of(lengths, unembedding.maxRows())) {
            try (Scope _ = Scope.open()) {
                List<Batch.Datum> some = data.subList(pack.from(), pack.to());
                Targets targets = new Targets(some);
                Tensor rows_RD = x_TD.narrow(0, row, targets.rows());
                Group group = new Group(some, first + pack.from(), targets, rows_RD);
                group.forward();
                if (training.isPresent()) {
                    any |= group.backward(dx_TD.narrow(0, row, targets.rows()), training.get());
                }
                row += targets.rows();
            }
        }
        return new Result(logprobs, evaluations, any ? Optional.of(dx_TD) : Optional.empty());
    }

    /// What came of it.
    ///
    /// @param logprobs of each datum
    /// @param evaluations of each datum
    /// @param dx_TD absent if no row has a gradient
    record Result(
            List<Floats> logprobs,
            List<LossFunction.Evaluation> evaluations,
            Optional<Tensor> dx_TD) {
        Result {
            logprobs = List.copyOf(logprobs);
            evaluations = List.copyOf(evaluations);
        }
    }

    /// Datums whose rows are in one block, or one datum whose rows are in several.
    private final class Group {
        private final List<Batch.Datum> data;
        private final int first;
        private final Targets targets;
        private final Tensor x_RD;
        private final int blockRows = Math.min(unembedding.maxRows(), Integer.MAX_VALUE);
        private final List<Floats> gradients = new ArrayList<>();
        private float[] table = {};
        private Optional<Unembedding.Scores> only = Optional.empty();

        Group(List<Batch.Datum> data, int first, Targets targets, Tensor x_RD) {
            this.data = data;
            this.first = first;
            this.targets = targets;
            this.x_RD = x_RD;
        }

        void forward() {
            table = new float[targets.rows() * targets.columns()];
            for (int row = 0; row < targets.rows(); row += blockRows) {
                int rows = Math.min(blockRows, targets.rows() - row);
                Unembedding.Scores scores = unembedding.score(x_RD.narrow(0, row, rows), blend);
                float[] block = Ops.toFloats(scores.logprobs(ids(row, rows)));
                System.arraycopy(block, 0, table, row * targets.columns(), block.length);
                only = rows == targets.rows() ? Optional.of(scores) : Optional.empty();
            }
            int row = 0;
            for (int index = 0; index < data.size(); index++) {
                evaluate(index, row);
                row += data.get(index).tokens().length();
            }
        }

        private void evaluate(int index, int row) {
            Floats mine = targets.ofDatum(index, row, table);
            finite(index, mine, "the log-probability");
            LossFunction.Evaluation evaluation = loss(index, mine);
            if (!Double.isFinite(evaluation.loss())) {
                throw new PassException(
                        first + index,
                        "the loss is %s; the inputs of the loss are too large"
                                .formatted(evaluation.loss()));
            }
            finite(index, evaluation.gradient(), "the gradient of the loss");
            logprobs.add(mine);
            gradients.add(evaluation.gradient());
            evaluations.add(evaluation);
        }

        private LossFunction.Evaluation loss(int index, Floats mine) {
            try {
                return loss.evaluate(data.get(index), mine);
            } catch (IllegalArgumentException rule) {
                throw new IllegalArgumentException(
                        "data[%d]: %s".formatted(first + index, rule.getMessage()), rule);
            }
        }

        private void finite(int index, Floats values, String what) {
            for (int i = 0; i < values.length(); i++) {
                if (!Float.isFinite(values.at(i))) {
                    throw new PassException(
                            first + index,
                            "%s of target %d is %s".formatted(what, i, values.at(i)));
                }
            }
        }

        /// @return whether any row has a gradient
        boolean backward(Tensor dx_RD, SoloTraining training) {
            Targets.LogitGradient gradient = targets.logitGradient(table, gradients);
            boolean any = false;
            for (int row = 0; row < targets.rows(); row += blockRows) {
                int rows = Math.min(blockRows, targets.rows() - row);
                long[] chosen = gradient.rows(row, rows);
                if (chosen.length > 0) {
                    any = true;
                    try (Scope _ = Scope.open()) {
                        backward(dx_RD.narrow(0, row, rows), row, chosen, gradient, training);
                    }
                }
            }
            return any;
        }

        private void backward(
                Tensor dx_RD,
                int row,
                long[] chosen,
                Targets.LogitGradient gradient,
                SoloTraining training) {
            int rows = (int) dx_RD.size(0);
            Unembedding.Scores scores =
                    only.isPresent()
                            ? only.get()
                            : unembedding.score(x_RD.narrow(0, row, rows), blend);
            Tensor index_R = Ops.indices(chosen);
            boolean all = chosen.length == rows;
            Tensor ids_RK = ids(row, rows);
            Tensor some_RD =
                    scores.backward(
                            all ? Optional.empty() : Optional.of(index_R),
                            Ops.floats(gradient.weights(row, chosen), chosen.length, 1),
                            all ? ids_RK : Ops.rows(ids_RK, index_R),
                            Ops.floats(
                                    gradient.cells(row, chosen), chosen.length, targets.columns()),
                            training);
            Ops.putRows(dx_RD, index_R, some_RD);
        }

        private Tensor ids(int row, int rows) {
            return Ops.indices(targets.ids(row, rows)).view(rows, targets.columns());
        }
    }
}
