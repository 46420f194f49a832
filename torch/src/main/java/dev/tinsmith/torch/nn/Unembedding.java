package dev.tinsmith.torch.nn;

import dev.tinsmith.torch.lora.Adaptation;
import dev.tinsmith.torch.lora.Added;
import dev.tinsmith.torch.lora.Blend;
import dev.tinsmith.torch.lora.SoloTraining;
import dev.tinsmith.torch.ops.Dtype;
import dev.tinsmith.torch.ops.LeastRows;
import dev.tinsmith.torch.ops.Magnitude;
import dev.tinsmith.torch.ops.Matrix;
import dev.tinsmith.torch.ops.Ops;
import dev.tinsmith.torch.ops.Scope;
import dev.tinsmith.torch.ops.SoftCap;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/// From hidden states to log-probabilities over the vocabulary, a block of rows at a time in memory
/// that is used again, so that a pass's logits never exist all at once.
///
/// R rows of a block, S some of them, D the width of the residual stream, V the vocabulary, C a
/// slice of it, K the targets of a row.
public final class Unembedding implements AutoCloseable {
    private static final long BLOCK_BYTES = 64L << 20;
    private static final int MIN_ROWS = 64;

    /// Products of so many rows, or a multiple, are quickest in bf16; of a few more or less they
    /// take up to half as long again.
    private static final int ROWS = 32;

    /// What exponentials are taken of at once: so much stays in the processor's own memory.
    private static final int SLICE = 4_096;

    private static final int SLICE_ROWS = 128;

    private final Tensor weight_VD;
    private final Optional<Matrix> packed;
    private final Optional<SoftCap> cap;
    private Optional<Tensor> memory_RV = Optional.empty();
    private Optional<Tensor> memory_N = Optional.empty();

    /// @param cap what scores are bent to stay below
    Unembedding(Tensor weight_VD, Optional<SoftCap> cap) {
        this(weight_VD, packed(weight_VD), cap);
    }

    private Unembedding(Tensor weight_VD, Optional<Matrix> packed, Optional<SoftCap> cap) {
        this.weight_VD = weight_VD;
        this.packed = packed;
        this.cap = cap;
    }

    /// Another one of the same numbers, with memory of its own, for another thread. It is not
    /// closed, but [#free]d.
    Unembedding another() {
        return new Unembedding(weight_VD, packed, cap);
    }

    /// A packed copy where that is quicker: in bf16, where a few rows take little more than half
    /// the time. The numbers themselves stay for embedding and for the way back.
    private static Optional<Matrix> packed(Tensor weight_VD) {
        if (Ops.dtype(weight_VD) != Dtype.BF16) {
            return Optional.empty();
        }
        try (Scope scope = Scope.open()) {
            return Optional.of(Matrix.of(scope.keep(weight_VD.clone())));
        }
    }

    /// How many rows a block may have.
    public int maxRows() {
        long row = weight_VD.size(0) * Ops.dtype(weight_VD).bytes();
        return (int) Math.max(MIN_ROWS, Math.min(BLOCK_BYTES / row, Integer.MAX_VALUE));
    }

    /// The scores of each row of `x`, valid until the next block is computed.
    ///
    /// @param x_RD at most [#maxRows]
    public Scores score(Tensor x_RD, Blend blend) {
        long rows = x_RD.size(0);
        Tensor x_PD = LeastRows.padded(x_RD, 0, evenRows(rows));
        Optional<Added.Delta> added =
                blend.delta(x_PD, () -> memory(x_PD.size(0)), Adaptation::unembedding);
        Tensor logits_PV =
                added.map(delta -> plus(delta.delta_TO(), x_PD)).orElseGet(() -> product(x_PD));
        cap.ifPresent(each -> each.bend(logits_PV));
        Optional<Tensor> low = added.flatMap(Added.Delta::low_TR);
        return new Scores(x_RD, logits_PV, low.map(low_PR -> low_PR.narrow(0, 0, rows)));
    }

    private Tensor product(Tensor x_PD) {
        return packed.map(matrix -> matrix.times(x_PD))
                .orElseGet(() -> {
                    Tensor logits_PV = memory(x_PD.size(0));
                    Ops.mmInto(logits_PV, x_PD, weight_VD.t());
                    return logits_PV;
                });
    }

    private Tensor plus(Tensor delta_PV, Tensor x_PD) {
        return packed.map(matrix -> matrix.timesPlus(x_PD, delta_PV))
                .orElseGet(() -> {
                    Ops.addMm(delta_PV, x_PD, weight_VD.t());
                    return delta_PV;
                });
    }

    /// As many rows, or a few more, with which a product is quick, and the bits of a row do not
    /// depend on the others.
    private long evenRows(long rows) {
        boolean matters = Ops.dtype(weight_VD) == Dtype.BF16 && rows > ROWS;
        return matters
                ? Math.ceilDiv(rows, ROWS) * (long) ROWS
                : Math.max(rows, LeastRows.of(Ops.dtype(weight_VD)));
    }

    private Tensor memory(long rows) {
        if (memory_RV.isEmpty() || memory_RV.get().size(0) < rows) {
            free();
            try (Scope scope = Scope.open()) {
                Tensor fresh_RV = Ops.empty(Ops.dtype(weight_VD), rows, weight_VD.size(0));
                memory_RV = Optional.of(scope.keep(fresh_RV));
            }
        }
        return memory_RV.get().narrow(0, 0, rows);
    }

    /// The logarithm of the sum of the exponentials of each row, in F32.
    private Tensor normalizer(Tensor logits_RV) {
        Tensor most_R1 = Ops.to(Ops.maxLast(logits_RV), Dtype.F32);
        Tensor sum_R1 = Ops.zerosLike(most_R1);
        forSlices(
                logits_RV,
                (slice_SC, row) -> {
                    Tensor e_SC = exponentials(slice_SC, rows(most_R1, row, slice_SC));
                    Ops.add(rows(sum_R1, row, slice_SC), Ops.sumLast(e_SC));
                });
        sum_R1.log_();
        Ops.add(sum_R1, most_R1);
        return sum_R1;
    }

    /// Valid until the next ones are taken.
    private Tensor exponentials(Tensor x_SC, Tensor minus_S1) {
        Tensor e_SC = scratch().narrow(0, 0, x_SC.numel()).view(x_SC.size(0), x_SC.size(1));
        e_SC.copy_(x_SC);
        Ops.sub(e_SC, minus_S1);
        e_SC.exp_();
        return e_SC;
    }

    private Tensor scratch() {
        if (memory_N.isEmpty()) {
            try (Scope scope = Scope.open()) {
                memory_N = Optional.of(scope.keep(Ops.empty(Dtype.F32, SLICE_ROWS * SLICE)));
            }
        }
        return memory_N.get();
    }

    private static Tensor rows(Tensor x_R1, long row, Tensor slice_SC) {
        return x_R1.narrow(0, row, slice_SC.size(0));
    }

    private static void forSlices(Tensor x_RV, Slice slice) {
        long rows = x_RV.size(0);
        long columns = x_RV.size(1);
        for (long row = 0; row < rows; row += SLICE_ROWS) {
            Tensor some_SV = x_RV.narrow(0, row, Math.min(SLICE_ROWS, rows - row));
            for (long from = 0; from < columns; from += SLICE) {
                try (Scope _ = Scope.open()) {
                    slice.on(some_SV.narrow(1, from, Math.min(SLICE, columns - from)), row);
                }
            }
        }
    }

    @FunctionalInterface
    private interface Slice {
        void on(Tensor slice_SC, long row);
    }

    @Override
    public void close() {
        free();
        packed.ifPresent(Matrix::close);
    }

    /// Gives the memory back; the numbers stay.
    void free() {
        memory_RV.ifPresent(Scope::free);
        memory_RV = Optional.empty();
        memory_N.ifPresent(Scope::free);
        memory_N = Optional.empty();
    }

    /// The scores of a block of rows; P rows with those that are there for speed alone.
    public final class Scores {
        private final Tensor x_RD;
        private final Tensor logits_PV;
        private final Tensor logits_RV;
        private final Tensor normalizer_R1;
        private final Optional<Tensor> low;

        private Scores(Tensor x_RD, Tensor logits_PV, Optional<Tensor> low) {
            this.x_RD = x_RD;
            this.logits_PV = logits_PV;
            this.logits_RV = logits_PV.narrow(0, 0, x_RD.size(0));
            this.normalizer_R1 = normalizer(logits_RV);
            this.low = low;
        }

        /// Whether every row's scores are numbers.
        public boolean isFinite() {
            return Magnitude.isFinite(normalizer_R1);
        }

        /// The scores themselves, up to a constant in each row.
        public Tensor logits_RV() {
            return logits_RV;
        }

        /// The log-probabilities of these tokens, F32.
        public Tensor logprobs(Tensor ids_RK) {
            return Ops.to(Ops.gatherLast(logits_RV, ids_RK), Dtype.F32).sub(normalizer_R1);
        }

        /// The log-probabilities of these tokens in one row, F32.
        public Tensor logprobs(long row, Tensor ids_K) {
            Tensor logits_K = Ops.gatherLast(logits_RV.select(0, row), ids_K);
            return Ops.to(logits_K, Dtype.F32).sub(normalizer_R1.select(0, row));
        }

        /// The gradient by `x` of the rows that `rows` names, F32; that by the adapter's factors is
        /// added up. Uses up the scores.
        ///
        /// @param weight_R1 the sum of the gradients by each row's log-probabilities
        /// @param ids_RK the targets
        /// @param dlogits_RK the gradient by the logit of each target
        public Tensor backward(
                Optional<Tensor> rows,
                Tensor weight_R1,
                Tensor ids_RK,
                Tensor dlogits_RK,
                SoloTraining training) {
            long count = weight_R1.size(0);
            Tensor some_PV = rows.map(this::evenly).orElse(logits_PV);
            Tensor some_RV = some_PV.narrow(0, 0, count);
            Tensor dtargets_RK = uncapped(dlogits_RK, some_RV, ids_RK);
            toGradient(some_RV, select(normalizer_R1, rows), weight_R1);
            Ops.scatterRows(some_RV, ids_RK, Ops.to(dtargets_RK, Ops.dtype(some_RV)));
            if (low.isEmpty()) {
                return Ops.to(Ops.mm(some_PV, weight_VD), Dtype.F32).narrow(0, 0, count);
            }
            Tensor dx_RD =
                    training.unembedding()
                            .orElseThrow()
                            .backward(some_RV, select(x_RD, rows), select(low.get(), rows));
            Tensor dx_PD = LeastRows.padded(dx_RD, 0, some_PV.size(0));
            Ops.addMm(dx_PD, some_PV, weight_VD);
            return Ops.to(dx_PD, Dtype.F32).narrow(0, 0, count);
        }

        /// The gradient by what became the logits of the targets when it was capped.
        private Tensor uncapped(Tensor dlogits_RK, Tensor logits_RV, Tensor ids_RK) {
            return cap.map(each ->
                            each.slope(Ops.to(Ops.gatherLast(logits_RV, ids_RK), Dtype.F32))
                                    .mul(dlogits_RK))
                    .orElse(dlogits_RK);
        }

        /// A copy of these rows' scores, and of the first one's as often as it takes.
        private Tensor evenly(Tensor rows) {
            long more = evenRows(rows.size(0)) - rows.size(0);
            Tensor index_P =
                    more == 0 ? rows : Ops.concat(List.of(rows, Ops.zeros(Dtype.I64, more)), 0);
            return Ops.rows(logits_PV, index_P);
        }

        /// `−weight·p` in place of each score, or of what it was before it was capped.
        private void toGradient(Tensor some_RV, Tensor normalizer_R1, Tensor weight_R1) {
            Tensor minus_R1 = weight_R1.neg();
            forSlices(
                    some_RV,
                    (slice_SC, row) -> {
                        Tensor p_SC =
                                exponentials(
                                        slice_SC, Unembedding.rows(normalizer_R1, row, slice_SC));
                        p_SC.mul_(Unembedding.rows(minus_R1, row, slice_SC));
                        cap.ifPresent(each -> p_SC.mul_(each.slope(Ops.to(slice_SC, Dtype.F32))));
                        slice_SC.copy_(p_SC);
                    });
        }

        private static Tensor select(Tensor x, Optional<Tensor> rows) {
            return rows.map(index -> Ops.rows(x, index)).orElse(x);
        }
    }
}
