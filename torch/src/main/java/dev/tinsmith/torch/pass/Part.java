package dev.tinsmith.torch.pass;

import dev.tinsmith.engine.Batch;
import dev.tinsmith.torch.lora.FactorSet;
import dev.tinsmith.torch.lora.SoloTraining;
import dev.tinsmith.torch.nn.Unembedding;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/// One side of a pass's pack, and what comes of it.
///
/// What a pass does with its sides depends on the pass alone: each has gradients of its own, and
/// its pass takes what came of the first before what came of the second. Which thread computes a
/// side, and in which company, therefore changes no bit.
final class Part {
    private final Pass pass;
    private final List<Batch.Datum> data;
    private final int first;
    private final Optional<SoloTraining> training;
    private Optional<Head.Result> result = Optional.empty();
    private Optional<RuntimeException> failure = Optional.empty();

    /// @param first its first datum's place in its batch
    /// @param training where gradients go, if any are wanted
    Part(Pass pass, List<Batch.Datum> data, int first, Optional<SoloTraining> training) {
        this.pass = pass;
        this.data = List.copyOf(data);
        this.first = first;
        this.training = training;
    }

    Pass pass() {
        return pass;
    }

    List<Batch.Datum> data() {
        return data;
    }

    int tokens() {
        return data.stream().mapToInt(datum -> datum.tokens().length()).sum();
    }

    FactorSet factors() {
        return pass.factors();
    }

    Optional<SoloTraining> training() {
        return training;
    }

    /// The losses of its datums, from what the unembedding reads of them.
    ///
    /// @return the gradient by `x`, if any row has one
    Optional<Tensor> head(Unembedding unembedding, Tensor x_TD) {
        try {
            Head.Result came = pass.head(unembedding, training).run(data, first, x_TD);
            result = Optional.of(came);
            return came.dx_TD();
        } catch (PassException | IllegalArgumentException itsOwn) {
            fail(itsOwn);
            return Optional.empty();
        }
    }

    /// Ends it with `reason`.
    void fail(RuntimeException reason) {
        failure = Optional.of(reason);
    }

    Optional<RuntimeException> failure() {
        return failure;
    }

    Head.Result result() {
        return result.orElseThrow();
    }
}
