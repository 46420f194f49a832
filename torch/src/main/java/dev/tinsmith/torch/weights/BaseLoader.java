package dev.tinsmith.torch.weights;

import dev.tinsmith.engine.format.DType;
import dev.tinsmith.engine.format.FormatException;
import dev.tinsmith.engine.format.TensorSpec;
import dev.tinsmith.engine.format.WeightFiles;
import dev.tinsmith.torch.lora.Site;
import dev.tinsmith.torch.model.DecoderSpec;
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
                spec.tied() ? embedding_VD : matrix("lm_head", spec.vocabulary(), spec.hidden()));
    }

    private BaseTensors.OfLayer layer(String prefix) {
        return new BaseTensors.OfLayer(
                norm(prefix + "input_layernorm"),
                projection(prefix, Site.QKV),
                projection(prefix, Site.OUT),
                norm(prefix + "post_attention_layernorm"),
                projection(prefix, Site.GATE_UP),
                projection(prefix, Site.DOWN));
    }

    private Matrix projection(String prefix, Site site) {
        List<Integer> outs = site.outs(spec);
        long out = outs.stream().mapToLong(each -> each).sum();
        Tensor weight_OI = make(dtype, out, site.in(spec));
        long row = 0;
        for (int part = 0; part < outs.size(); part++) {
            try (Scope _ = Scope.open()) {
                Tensor rows = weight_OI.narrow(0, row, outs.get(part));
                read(prefix + site.modules().get(part), rows, outs.get(part), site.in(spec));
            }
            row += outs.get(part);
        }
        made.remove(weight_OI);
        Matrix matrix = Matrix.of(weight_OI);
        matrices.add(matrix);
        return matrix;
    }

    private Tensor matrix(String module, long rows, long columns) {
        Tensor matrix = make(dtype, rows, columns);
        read(module, matrix, rows, columns);
        return matrix;
    }

    private Tensor norm(String module) {
        Tensor weight_D = make(Dtype.F32, spec.hidden());
        read(module, weight_D, spec.hidden());
        return weight_D;
    }

    private Tensor make(Dtype wanted, long... shape) {
        try (Scope scope = Scope.open()) {
            Tensor tensor = scope.keep(Ops.empty(wanted, shape));
            made.add(tensor);
            return tensor;
        }
    }

    private void read(String module, Tensor into, long... shape) {
        String name = module + ".weight";
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
