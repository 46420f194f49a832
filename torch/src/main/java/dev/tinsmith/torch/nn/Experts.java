package dev.tinsmith.torch.nn;

import dev.tinsmith.torch.attention.Mixer;
import dev.tinsmith.torch.attention.SequenceMixer;
import dev.tinsmith.torch.lora.Blend;
import dev.tinsmith.torch.lora.Training;
import dev.tinsmith.torch.ops.Dtype;
import dev.tinsmith.torch.ops.Ops;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/// A mixture of experts: each expert in use computes the rows that were sent to it, in one go.
///
/// T rows, D the width of the residual stream, E the experts, N the rows of one of them.
record Experts(Router router, List<GatedMlp> mlps) implements Block {
    Experts {
        mlps = List.copyOf(mlps);
    }

    @Override
    public Computed forward(Tensor x_TD, Mixer mixer, Blend blend) {
        Router.Routes routes = router.route(x_TD);
        Tensor y_TD = Ops.zeros(Dtype.F32, x_TD.size(0), x_TD.size(1));
        List<Visit> visits = new ArrayList<>();
        for (int expert = 0; expert < mlps.size(); expert++) {
            long[] rows = routes.rows().get(expert);
            if (rows.length > 0) {
                Tensor index_N = Ops.indices(rows);
                Tensor x_ND = Ops.rows(x_TD, index_N);
                Computed computed = mlps.get(expert).forward(x_ND, mixer, blend.narrowed(rows));
                Visit visit = new Visit(expert, index_N, x_ND, computed);
                Tensor counted_ND =
                        Ops.to(computed.y_TD(), Dtype.F32).mul(visit.share(routes.share_TE()));
                y_TD.index_add_(0, index_N, counted_ND);
                visits.add(visit);
            }
        }
        return new Mixed(this, routes, visits, y_TD);
    }

    /// What one expert computed.
    private record Visit(int expert, Tensor index_N, Tensor x_ND, Computed computed) {
        /// How much it counts for each of its rows.
        Tensor share(Tensor share_TE) {
            return Ops.rows(share_TE.narrow(1, expert, 1), index_N);
        }

        List<Tensor> kept() {
            List<Tensor> kept = new ArrayList<>(computed.kept());
            kept.addAll(List.of(index_N, x_ND, computed.y_TD()));
            return kept;
        }
    }

    /// What came of it.
    private record Mixed(Experts block, Router.Routes routes, List<Visit> visits, Tensor y_TD)
            implements Computed {
        @Override
        public List<Tensor> kept() {
            List<Tensor> kept = new ArrayList<>(routes.kept());
            visits.forEach(visit -> kept.addAll(visit.kept()));
            return kept;
        }

        @Override
        public Tensor backward(Tensor dy_TD, SequenceMixer mixer, Training training) {
            Dtype dtype = Ops.dtype(dy_TD);
            Tensor dx_TD = Ops.zeros(Dtype.F32, dy_TD.size(0), dy_TD.size(1));
            Tensor dshare_TE = Ops.zerosLike(routes.share_TE());
            for (Visit visit : visits) {
                Tensor dy_ND = Ops.to(Ops.rows(dy_TD, visit.index_N()), Dtype.F32);
                Tensor dshare_N1 = Ops.sumLast(dy_ND.mul(visit.computed().y_TD()));
                dshare_TE.narrow(1, visit.expert(), 1).index_copy_(0, visit.index_N(), dshare_N1);
                Tensor counted_ND = dy_ND.mul(visit.share(routes.share_TE()));
                Tensor dx_ND =
                        visit.computed().backward(Ops.to(counted_ND, dtype), mixer, training);
                dx_TD.index_add_(0, visit.index_N(), Ops.to(dx_ND, Dtype.F32));
            }
            Ops.add(dx_TD, block.router.backward(dshare_TE, routes, dtype));
            return dx_TD;
        }
    }
}
