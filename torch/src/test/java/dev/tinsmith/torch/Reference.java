package dev.tinsmith.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.bytedeco.pytorch.global.torch.cat;
import static org.bytedeco.pytorch.global.torch.from_blob;
import static org.bytedeco.pytorch.global.torch.log_softmax;
import static org.bytedeco.pytorch.global.torch.matmul;
import static org.bytedeco.pytorch.global.torch.mean;
import static org.bytedeco.pytorch.global.torch.rsqrt;
import static org.bytedeco.pytorch.global.torch.silu;
import static org.bytedeco.pytorch.global.torch.softmax;
import static org.bytedeco.pytorch.global.torch.tensor;

import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.Floats;
import dev.tinsmith.torch.model.DecoderSpec;
import dev.tinsmith.torch.ops.Ops;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// The same model written down in the plainest way, in double precision, with libtorch's own
/// derivatives: what ours are compared with.
public final class Reference {
    private final TinyModel model;
    private final double scale;
    private final Map<String, Tensor> base = new TreeMap<>();
    private final Map<String, Tensor> factors = new TreeMap<>();

    /// @param adapter by names such as `model.layers.0.mlp.up_proj.lora_A`, as checkpoints hold
    ///   them
    public Reference(TinyModel model, Map<String, TinyModel.Weight> adapter, double scale) {
        this.model = model;
        this.scale = scale;
        model.weights().forEach((name, weight) -> base.put(name, wide(weight)));
        adapter.forEach((name, weight) -> {
            Tensor leaf = wide(weight);
            leaf.set_requires_grad(true);
            factors.put(name, leaf);
        });
    }

    private static Tensor wide(TinyModel.Weight weight) {
        long[] shape = weight.shape().stream().mapToLong(size -> size).toArray();
        return tensor(weight.values()).view(shape).to(torch.ScalarType.Double);
    }

    /// Asks that these be the log-probabilities of a datum's targets.
    public void expectLogprobs(Batch.Datum datum, Floats logprobs) {
        assertThat(logprobs.toArray())
                .containsExactly(floats(targets(datum)), within(Tolerance.LOGPROB));
    }

    /// Adds the derivatives of Σ weight · logprob to those of the factors.
    ///
    /// @return its value
    public double backward(Batch.Datum datum, float[] weights) {
        Tensor sum = targets(datum).mul(tensor(weights).to(torch.ScalarType.Double)).sum();
        sum.backward();
        return sum.item_double();
    }

    /// Asks that `gradients` be those of the factors, with the other sign.
    public void expectNegatedGradients(Map<String, TinyModel.Weight> gradients) {
        assertThat(gradients.keySet()).isEqualTo(factors.keySet());
        factors.forEach((name, factor) -> {
            float[] expected = floats(factor.grad().neg());
            double most = 0;
            for (float value : expected) {
                most = Math.max(most, Math.abs(value));
            }
            assertThat(Objects.requireNonNull(gradients.get(name)).values())
                    .as(name)
                    .containsExactly(expected, within((float) (most * Tolerance.GRADIENT)));
        });
    }

    private static float[] floats(Tensor x) {
        return Ops.toFloats(x.detach().to(torch.ScalarType.Float));
    }

    private Tensor targets(Batch.Datum datum) {
        long[] ids = new long[datum.targets().length()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = datum.targets().at(i);
        }
        Tensor index = tensor(ids).view(datum.tokens().length(), datum.width());
        return logprobs(datum).gather(1, index).flatten();
    }

    /// N × vocabulary log-probabilities.
    private Tensor logprobs(Batch.Datum datum) {
        DecoderSpec spec = model.spec();
        int length = datum.tokens().length();
        long[] ids = new long[length];
        for (int i = 0; i < length; i++) {
            ids[i] = datum.tokens().at(i);
        }
        Tensor h = weight("model.embed_tokens.weight").index_select(0, tensor(ids));
        for (int layer = 0; layer < spec.layers(); layer++) {
            String prefix = "model.layers.%d.".formatted(layer);
            Tensor x = norm(h, prefix + "input_layernorm");
            h = h.add(linear(attention(x, prefix, length), prefix + "self_attn.o_proj"));
            x = norm(h, prefix + "post_attention_layernorm");
            Tensor gated =
                    silu(linear(x, prefix + "mlp.gate_proj"))
                            .mul(linear(x, prefix + "mlp.up_proj"));
            h = h.add(linear(gated, prefix + "mlp.down_proj"));
        }
        return log_softmax(linear(norm(h, "model.norm"), "lm_head"), -1);
    }

    private Tensor linear(Tensor x, String module) {
        Tensor y = matmul(x, weight(module + ".weight").t());
        if (!factors.containsKey(module + ".lora_A")) {
            return y;
        }
        Tensor low = matmul(x, factor(module + ".lora_A").t());
        return y.add(matmul(low, factor(module + ".lora_B").t()), new Scalar(scale));
    }

    private Tensor weight(String name) {
        return Objects.requireNonNull(base.get(name));
    }

    private Tensor factor(String name) {
        return Objects.requireNonNull(factors.get(name));
    }

    private Tensor norm(Tensor h, String module) {
        Tensor square = mean(h.mul(h), new long[] {-1}, true, new ScalarTypeOptional());
        Tensor rate = rsqrt(square.add(new Scalar(model.spec().norms().eps())));
        return h.mul(rate).mul(weight(module + ".weight"));
    }

    private Tensor attention(Tensor x, String prefix, int length) {
        DecoderSpec.Heads heads = model.spec().heads();
        Tensor q = linear(x, prefix + "self_attn.q_proj");
        Tensor k = linear(x, prefix + "self_attn.k_proj");
        Tensor v = linear(x, prefix + "self_attn.v_proj");
        TensorVector outs = new TensorVector();
        for (int head = 0; head < heads.query(); head++) {
            int shared = head / heads.group();
            Tensor mine = turn(part(q, head), length);
            Tensor keys = turn(part(k, shared), length);
            Tensor scores = matmul(mine, keys.t()).mul(new Scalar(1 / Math.sqrt(heads.size())));
            Tensor hidden = scores.add(causal(length));
            outs.push_back(matmul(softmax(hidden, -1), part(v, shared)));
        }
        return cat(outs, 1);
    }

    private Tensor part(Tensor x, long head) {
        int size = model.spec().heads().size();
        return x.narrow(1, head * size, size);
    }

    private Tensor turn(Tensor x, int length) {
        int half = model.spec().heads().size() / 2;
        float[] frequencies = model.spec().attention().rope().frequencies(2 * half);
        double[] cos = new double[length * half];
        double[] sin = new double[length * half];
        for (int cell = 0; cell < cos.length; cell++) {
            double angle = Math.floorDiv(cell, half) * (double) frequencies[cell % half];
            cos[cell] = Math.cos(angle);
            sin[cell] = Math.sin(angle);
        }
        Tensor c = doubles(cos, length, half);
        Tensor s = doubles(sin, length, half);
        Tensor low = x.narrow(1, 0, half);
        Tensor high = x.narrow(1, half, half);
        return cat(new TensorVector(low.mul(c).sub(high.mul(s)), high.mul(c).add(low.mul(s))), 1);
    }

    private static Tensor causal(int length) {
        double[] mask = new double[length * length];
        for (int cell = 0; cell < mask.length; cell++) {
            mask[cell] = cell % length > cell / length ? Double.NEGATIVE_INFINITY : 0;
        }
        return doubles(mask, length, length);
    }

    private static Tensor doubles(double[] values, long... shape) {
        try (DoublePointer pointer = new DoublePointer(values)) {
            return from_blob(pointer, shape, new TensorOptions(torch.ScalarType.Double)).clone();
        }
    }
}
