package dev.tinsmith.torch.weights;

import dev.tinsmith.engine.format.DType;
import dev.tinsmith.engine.format.FormatException;
import dev.tinsmith.engine.format.TensorSpec;
import dev.tinsmith.engine.format.WeightFiles;
import dev.tinsmith.torch.lora.Site;
import dev.tinsmith.torch.model.DecoderSpec;
import dev.tinsmith.torch.model.FeedForwardSpec;
import dev.tinsmith.torch.nn.BaseTensors;
import dev.tinsmith.torch.ops.Dtype;
import dev.tinsmith.torch.ops.Matrix;
import dev.tinsmith.torch.ops.Ops;
import dev.tinsmith.torch.ops.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/// Reads a base's numbers from its files into the dtype they are used in. Modules that share an
/// input are laid side by side.
final class BaseLoader {
    /// A product of fewer columns would add up in another order when there are few rows.
    private static final int LEAST_ROUTER_ROWS = 32;

    private final WeightFiles files;
    private final DecoderSpec spec;
    private final Dtype dtype;
    private final List<Tensor> made = new ArrayList<>();
    private final List<Matrix> matrices = new ArrayList<>();

    private BaseLoader(WeightFiles files, DecoderSpec spec, Dtype dtype) {
        this.files = files;
        this.spec = spec;
        this.dtype = dtype;
    }

    /// The caller owns what comes back, and may close `files` then.
    static BaseTensors load(WeightFiles files, DecoderSpec spec, Dtype dtype) {
        BaseLoader loader = new BaseLoader(files, spec, dtype);
        boolean whole = false;
        try {
            BaseTensors tensors = loader.load();
            whole = true;
            return tensors;
        } finally {
            if (!whole) {
                Scope.free(loader.made);
                loader.matrices.forEach(Matrix::close);
            }
        }
    }

    private BaseTensors load() {
        Tensor embedding_VD = matrix("model.embed_tokens", spec.vocabulary(), spec.hidden());
        List<BaseTensors.OfLayer> layers = new ArrayList<>();
        for (int index = 0; index < spec.layers(); index++) {
            layers.add(layer("model.layers.%d.".formatted(index)));
        }
        return new BaseTensors(
                embedding_VD,
                layers,
                norm("model.norm"),
                spec.embedding().tied()
                        ? embedding_VD
                        : matrix("lm_head", spec.vocabulary(), spec.hidden()));
    }

    private BaseTensors.OfLayer layer(String prefix) {
        boolean after = spec.norms().after();
        String second = prefix + "post_attention_layernorm";
        return new BaseTensors.OfLayer(
                new BaseTensors.OfAttention(
                        new BaseTensors.Norms(
                                norm(prefix + "input_layernorm"),
                                after ? Optional.of(norm(second)) : Optional.empty()),
                        projection(prefix, Site.QKV),
                        spec.attention().biased()
                                ? Optional.of(bias(prefix, Site.QKV))
                                : Optional.empty(),
                        spec.attention().normed()
                                ? Optional.of(headNorms(prefix))
                                : Optional.empty(),
                        projection(prefix, Site.OUT)),
                new BaseTensors.OfFeedForward(
                        new BaseTensors.Norms(
                                norm(after ? prefix + "pre_feedforward_layernorm" : second),
                                after
                                        ? Optional.of(norm(prefix + "post_feedforward_layernorm"))
                                        : Optional.empty()),
                        spec.feedForward().experts().map(each -> router(prefix, each)),
                        mlps(prefix)));
    }

    private List<BaseTensors.OfMlp> mlps(String prefix) {
        Optional<FeedForwardSpec.Experts> experts = spec.feedForward().experts();
        if (experts.isEmpty()) {
            return List.of(
                    new BaseTensors.OfMlp(
                            projection(prefix, Site.GATE_UP), projection(prefix, Site.DOWN)));
        }
        List<String> names = experts.get().modules();
        List<BaseTensors.OfMlp> mlps = new ArrayList<>();
        for (int expert = 0; expert < experts.get().count(); expert++) {
            String of = "%s%s.experts.%d.".formatted(prefix, experts.get().block(), expert);
            mlps.add(
                    new BaseTensors.OfMlp(
                            projection(of, Site.GATE_UP, names.subList(0, 2)),
                            projection(of, Site.DOWN, names.subList(2, 3))));
        }
        return mlps;
    }

    private Matrix router(String prefix, FeedForwardSpec.Experts experts) {
        int rows = Math.max(experts.count(), LEAST_ROUTER_ROWS);
        Tensor weight_WD = make(dtype, rows, spec.hidden());
        try (Scope _ = Scope.open()) {
            weight_WD.zero_();
            read(
                    prefix + experts.block() + ".gate.weight",
                    weight_WD.narrow(0, 0, experts.count()),
                    experts.count(),
                    spec.hidden());
        }
        return matrix(weight_WD);
    }

    private Matrix projection(String prefix, Site site) {
        return projection(prefix, site, site.modules());
    }

    private Matrix projection(String prefix, Site site, List<String> modules) {
        List<Integer> outs = site.outs(spec);
        long out = outs.stream().mapToLong(each -> each).sum();
        Tensor weight_OI = make(dtype, out, site.in(spec));
        long row = 0;
        for (int part = 0; part < outs.size(); part++) {
            try (Scope _ = Scope.open()) {
                Tensor rows = weight_OI.narrow(0, row, outs.get(part));
                String module = prefix + modules.get(part);
                read(module + ".weight", rows, outs.get(part), site.in(spec));
            }
            row += outs.get(part);
        }
        return matrix(weight_OI);
    }

    private Matrix matrix(Tensor weight_OI) {
        made.remove(weight_OI);
        Matrix matrix = Matrix.of(weight_OI);
        matrices.add(matrix);
        return matrix;
    }

    private Tensor bias(String prefix, Site site) {
        List<Integer> outs = site.outs(spec);
        Tensor bias_O = make(dtype, outs.stream().mapToLong(each -> each).sum());
        long first = 0;
        for (int part = 0; part < outs.size(); part++) {
            try (Scope _ = Scope.open()) {
                Tensor some = bias_O.narrow(0, first, outs.get(part));
                read(prefix + site.modules().get(part) + ".bias", some, outs.get(part));
            }
            first += outs.get(part);
        }
        return bias_O;
    }

    /// The weights of the queries' norm and the keys', once for each head.
    private Tensor headNorms(String prefix) {
        DecoderSpec.Heads heads = spec.heads();
        Tensor weight_HE = make(Dtype.F32, heads.query() + heads.keyValue(), heads.size());
        try (Scope _ = Scope.open()) {
            Tensor one_E = Ops.empty(Dtype.F32, heads.size());
            readNorm(prefix + "self_attn.q_norm", one_E);
            weight_HE.narrow(0, 0, heads.query()).copy_(one_E);
            readNorm(prefix + "self_attn.k_norm", one_E);
            weight_HE.narrow(0, heads.query(), heads.keyValue()).copy_(one_E);
        }
        return weight_HE;
    }

    private Tensor matrix(String module, long rows, long columns) {
        Tensor matrix = make(dtype, rows, columns);
        read(module + ".weight", matrix, rows, columns);
        return matrix;
    }

    private Tensor norm(String module) {
        Tensor weight_D = make(Dtype.F32, spec.hidden());
        readNorm(module, weight_D);
        return weight_D;
    }

    private void readNorm(String module, Tensor weight_D) {
        read(module + ".weight", weight_D, weight_D.size(0));
        if (spec.norms().fromOne()) {
            try (Scope _ = Scope.open()) {
                Ops.add(weight_D, 1.0);
            }
        }
    }

    private Tensor make(Dtype wanted, long... shape) {
        try (Scope scope = Scope.open()) {
            Tensor tensor = scope.keep(Ops.empty(wanted, shape));
            made.add(tensor);
            return tensor;
        }
    }

    private void read(String name, Tensor into, long... shape) {
        TensorSpec found =
                Optional.ofNullable(files.tensors().get(name))
                        .orElseThrow(() -> new FormatException("the weights lack " + name));
        List<Long> expected = Arrays.stream(shape).boxed().toList();
        if (!found.shape().equals(expected)) {
            throw new FormatException(
                    "%s has shape %s; config.json makes it %s"
                            .formatted(name, found.shape(), expected));
        }
        try (Scope _ = Scope.open()) {
            into.copy_(Ops.over(files.data(name), dtypeOf(found), shape));
        }
    }

    private static Dtype dtypeOf(TensorSpec found) {
        return switch (found.dtype()) {
            case F32 -> Dtype.F32;
            case F16 -> Dtype.F16;
            case BF16 -> Dtype.BF16;
            case F64, I64, I32, I16, I8, U8, BOOL -> throw unsupported(found);
        };
    }

    private static FormatException unsupported(TensorSpec found) {
        return new FormatException(
                "%s is stored as %s; weights must be %s, %s or %s"
                        .formatted(found.name(), found.dtype(), DType.F32, DType.F16, DType.BF16));
    }
}
