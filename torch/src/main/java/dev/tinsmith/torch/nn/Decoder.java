package dev.tinsmith.torch.nn;

import dev.tinsmith.torch.attention.KvSlab;
import dev.tinsmith.torch.attention.Mixer;
import dev.tinsmith.torch.attention.Ropes;
import dev.tinsmith.torch.attention.SequenceMixer;
import dev.tinsmith.torch.attention.Sequences;
import dev.tinsmith.torch.attention.SlabMixer;
import dev.tinsmith.torch.attention.Stretch;
import dev.tinsmith.torch.attention.StretchMixer;
import dev.tinsmith.torch.lora.Blend;
import dev.tinsmith.torch.lora.Site;
import dev.tinsmith.torch.lora.Training;
import dev.tinsmith.torch.model.DecoderSpec;
import dev.tinsmith.torch.ops.Dtype;
import dev.tinsmith.torch.ops.Magnitude;
import dev.tinsmith.torch.ops.Ops;
import dev.tinsmith.torch.ops.Scope;
import dev.tinsmith.torch.ops.SoftCap;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/// A decoder-only transformer over a flat row of tokens. It owns the base's tensors. Two threads
/// may use it at once, if each has its own [Unembedding].
///
/// T rows, D the width of the residual stream, O that of queries, keys and values together.
public final class Decoder implements AutoCloseable {
    private final DecoderSpec spec;
    private final Dtype dtype;
    private final BaseTensors base;
    private final double embeddingScale;
    private final Ropes ropes;
    private final List<Layer> layers = new ArrayList<>();
    private final RmsNorm lastNorm;
    private final Unembedding unembedding;
    private final Unembedding besides;

    /// @param dtype what matrices are multiplied in
    public Decoder(DecoderSpec spec, Dtype dtype, BaseTensors base) {
        this.spec = spec;
        this.dtype = dtype;
        this.base = base;
        this.embeddingScale = rounded(spec.embedding().scale(), dtype);
        this.ropes = new Ropes(spec.attention());
        for (int index = 0; index < base.layers().size(); index++) {
            layers.add(layer(index, base.layers().get(index)));
        }
        this.lastNorm = norm(base.norm_D());
        this.unembedding =
                new Unembedding(
                        base.unembedding_VD(),
                        spec.embedding().cap().stream().mapToObj(SoftCap::new).findFirst());
        this.besides = unembedding.another();
    }

    /// As those round it that compute in `dtype` throughout.
    private static double rounded(double value, Dtype dtype) {
        try (Scope _ = Scope.open()) {
            return Ops.toFloats(Ops.to(Ops.floats(new float[] {(float) value}, 1), dtype))[0];
        }
    }

    private Layer layer(int index, BaseTensors.OfLayer tensors) {
        return new Layer(
                branch(tensors.attention().norms(), attention(index, tensors.attention())),
                branch(tensors.feedForward().norms(), feedForward(index, tensors.feedForward())));
    }

    private Branch branch(BaseTensors.Norms norms, Block block) {
        return new Branch(norm(norms.before_D()), block, norms.after_D().map(this::norm));
    }

    private Attention attention(int index, BaseTensors.OfAttention tensors) {
        return new Attention(
                index,
                new Projection(tensors.qkv_OD(), tensors.bias_O(), index, Site.QKV, 0),
                tensors.headNorms_HE().map(weight -> new HeadNorms(spec.heads(), norm(weight))),
                new Projection(tensors.out_DO(), Optional.empty(), index, Site.OUT, 0));
    }

    private Block feedForward(int index, BaseTensors.OfFeedForward tensors) {
        List<GatedMlp> mlps =
                IntStream.range(0, tensors.mlps().size())
                        .mapToObj(expert -> mlp(index, expert, tensors.mlps().get(expert)))
                        .toList();
        return spec.feedForward()
                .experts()
                .<Block>map(experts ->
                        new Experts(new Router(experts, tensors.router_ED().orElseThrow()), mlps))
                .orElseGet(mlps::getFirst);
    }

    private GatedMlp mlp(int index, int expert, BaseTensors.OfMlp tensors) {
        return new GatedMlp(
                new Projection(tensors.gateUp_MD(), Optional.empty(), index, Site.GATE_UP, expert),
                new Gate(spec.feedForward().activation()),
                new Projection(tensors.down_DM(), Optional.empty(), index, Site.DOWN, expert));
    }

    private RmsNorm norm(Tensor weight_D) {
        return new RmsNorm(weight_D, spec.norms().eps(), dtype);
    }

    /// What it is made of.
    public DecoderSpec spec() {
        return spec;
    }

    /// What matrices are multiplied in.
    public Dtype dtype() {
        return dtype;
    }

    /// The last step.
    public Unembedding unembedding() {
        return unembedding;
    }

    /// The last step once more, for a second thread at the same time.
    public Unembedding unembeddingBesides() {
        return besides;
    }

    /// The residual stream at the start, F32.
    public Tensor embed(Tensor tokens_T) {
        Tensor h_TD = Ops.to(Ops.rows(base.embedding_VD(), tokens_T), Dtype.F32);
        if (embeddingScale != 1) {
            Ops.mul(h_TD, embeddingScale);
        }
        return h_TD;
    }

    /// Attention within whole sequences.
    public SequenceMixer sequences(Sequences sequences, SequenceMixer.Keep keep) {
        return new SequenceMixer(
                spec.attention(), sequences, ropes.at(sequences.positions()), dtype, keep);
    }

    /// Attention of stretches of texts, over what came before each.
    public StretchMixer stretches(List<Stretch> stretches) {
        int[] positions =
                stretches.stream()
                        .flatMapToInt(
                                each -> IntStream.range(each.from(), each.from() + each.count()))
                        .toArray();
        return new StretchMixer(spec.attention(), stretches, ropes.at(positions), dtype);
    }

    /// Attention of the next token of each sequence in `slabs`.
    public SlabMixer next(List<KvSlab> slabs) {
        int[] positions =
                slabs.stream()
                        .flatMapToInt(slab -> IntStream.range(0, slab.slots()).map(slab::length))
                        .toArray();
        return new SlabMixer(spec.attention(), ropes.at(positions), dtype, slabs);
    }

    /// Passes `h` through every layer, in place.
    public void forward(Tensor h_TD, Mixer mixer, Blend blend) {
        for (Layer layer : layers) {
            try (Scope _ = Scope.open()) {
                layer.forward(h_TD, mixer, blend);
            }
        }
    }

    /// As [#forward], up to the first layer that leaves a number that is none.
    ///
    /// @return that layer; empty if none does
    public OptionalInt firstNotFinite(Tensor h_TD, Mixer mixer, Blend blend) {
        for (int index = 0; index < layers.size(); index++) {
            try (Scope _ = Scope.open()) {
                layers.get(index).forward(h_TD, mixer, blend);
            }
            if (!Magnitude.isFinite(h_TD)) {
                return OptionalInt.of(index);
            }
        }
        return OptionalInt.empty();
    }

    /// As [#forward], and puts on the tape what [#backward] needs.
    public void forward(Tensor h_TD, SequenceMixer mixer, Blend blend, Tape tape) {
        for (Layer layer : layers) {
            try (Scope scope = Scope.open()) {
                if (tape.isSparse()) {
                    tape.pushInput(h_TD, scope);
                    layer.forward(h_TD, mixer, blend);
                } else {
                    tape.push(layer.forward(h_TD, mixer, blend), scope);
                }
            }
        }
    }

    /// Turns `dh`, the gradient by the last layer's output, into that by the embedding, in place,
    /// and adds up the gradients of the adapter on the way. Takes everything off the tape.
    public void backward(Tensor dh_TD, SequenceMixer mixer, Training training, Tape tape) {
        for (Layer layer : layers.reversed()) {
            if (tape.isSparse()) {
                again(layer, dh_TD, mixer, training, tape.popInput());
            } else {
                Layer.Kept kept = tape.pop();
                try (Scope _ = Scope.open()) {
                    layer.backward(dh_TD, kept, mixer, training);
                } finally {
                    Scope.free(kept.tensors());
                }
            }
        }
    }

    /// Forwards once more, for what was not kept, and backwards.
    private static void again(
            Layer layer, Tensor dh_TD, SequenceMixer mixer, Training training, Tensor h_TD) {
        try (Scope _ = Scope.open()) {
            Layer.Kept kept = layer.forward(h_TD, mixer, Blend.all(training.adaptation()));
            layer.backward(dh_TD, kept, mixer, training);
        } finally {
            Scope.free(h_TD);
        }
    }

    /// What the unembedding reads.
    public RmsNorm.Normed normalize(Tensor h_TD) {
        return lastNorm.forward(h_TD);
    }

    /// Adds to `dh` what the gradient by what the unembedding reads says.
    public void normalizeBackward(Tensor dh_TD, Tensor dy_TD, RmsNorm.Normed normed) {
        lastNorm.backward(dh_TD, dy_TD, normed);
    }

    @Override
    public void close() {
        besides.free();
        unembedding.close();
        ropes.close();
        base.close();
    }
}
