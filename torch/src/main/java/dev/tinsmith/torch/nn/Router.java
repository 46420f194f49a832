package dev.tinsmith.torch.nn;

import dev.tinsmith.torch.model.FeedForwardSpec;
import dev.tinsmith.torch.ops.Dtype;
import dev.tinsmith.torch.ops.Matrix;
import dev.tinsmith.torch.ops.Ops;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/// Says for each token which experts it is sent to, and how much each of them counts.
///
/// T rows, D the width of the residual stream, E the experts, W the rows of the router's matrix.
///
/// @param weight_WD the experts' rows first, then zeros
record Router(FeedForwardSpec.Experts experts, Matrix weight_WD) {
    /// Chooses the likeliest experts of each row; of equally likely ones the first.
    Routes route(Tensor x_TD) {
        Tensor logits_TW = weight_WD.times(x_TD);
        Tensor p_TE = Ops.softmax(Ops.to(logits_TW.narrow(1, 0, experts.count()), Dtype.F32));
        int rows = Math.toIntExact(x_TD.size(0));
        float[] likely = Ops.toFloats(p_TE);
        float[] mask = new float[likely.length];
        List<List<Long>> rowsOf = new ArrayList<>();
        for (int expert = 0; expert < experts.count(); expert++) {
            rowsOf.add(new ArrayList<>());
        }
        for (int row = 0; row < rows; row++) {
            for (int chosen = 0; chosen < experts.perToken(); chosen++) {
                int expert = likeliest(likely, mask, row * experts.count());
                mask[row * experts.count() + expert] = 1;
                rowsOf.get(expert).add((long) row);
            }
        }
        Tensor mask_TE = Ops.floats(mask, rows, experts.count());
        Tensor share_TE = p_TE.mul(mask_TE);
        Tensor sum_T1 = Ops.sumLast(share_TE);
        if (experts.normalized()) {
            share_TE.div_(sum_T1);
        }
        List<long[]> indices =
                rowsOf.stream()
                        .map(each -> each.stream().mapToLong(Long::longValue).toArray())
                        .toList();
        return new Routes(p_TE, mask_TE, share_TE, sum_T1, indices);
    }

    private int likeliest(float[] likely, float[] mask, int first) {
        int best = -1;
        for (int expert = 0; expert < experts.count(); expert++) {
            boolean isFree = mask[first + expert] == 0;
            if (isFree && (best < 0 || likely[first + expert] > likely[first + best])) {
                best = expert;
            }
        }
        return best;
    }

    /// The gradient by the rows, given that by the experts' shares; what is not chosen has none.
    Tensor backward(Tensor dshare_TE, Routes routes, Dtype dtype) {
        Tensor dp_TE = dshare_TE.mul(routes.mask_TE());
        if (experts.normalized()) {
            Tensor along_T1 = Ops.sumLast(dp_TE.mul(routes.share_TE()));
            Ops.addMul(dp_TE, routes.mask_TE(), along_T1, -1);
            dp_TE.div_(routes.sum_T1());
        }
        Tensor dlogits_TE = Ops.to(Ops.softmaxBackward(dp_TE, routes.p_TE()), dtype);
        Tensor dlogits_TW = Ops.zeros(dtype, dlogits_TE.size(0), weight_WD.rows());
        dlogits_TW.narrow(1, 0, experts.count()).copy_(dlogits_TE);
        return weight_WD.timesBack(dlogits_TW);
    }

    /// Who goes where.
    ///
    /// @param p_TE how likely each expert is, F32
    /// @param mask_TE 1 where it is chosen
    /// @param share_TE how much it counts, 0 where it is not chosen
    /// @param sum_T1 how likely those chosen are together
    /// @param rows by expert
    record Routes(Tensor p_TE, Tensor mask_TE, Tensor share_TE, Tensor sum_T1, List<long[]> rows) {
        List<Tensor> kept() {
            return List.of(p_TE, mask_TE, share_TE, sum_T1);
        }
    }
}
