package dev.tinsmith.torch.nn;

import dev.tinsmith.torch.attention.KvSlab;
import dev.tinsmith.torch.attention.Mixer;
import dev.tinsmith.torch.attention.PrefillMixer;
import dev.tinsmith.torch.attention.Rope;
import dev.tinsmith.torch.attention.SequenceMixer;
import dev.tinsmith.torch.attention.Sequences;
import dev.tinsmith.torch.attention.SlabMixer;
import dev.tinsmith.torch.lora.Blend;
import dev.tinsmith.torch.lora.Site;
import dev.tinsmith.torch.lora.Training;
import dev.tinsmith.torch.model.DecoderSpec;
import dev.tinsmith.torch.ops.Dtype;
import dev.tinsmith.torch.ops.Matrix;
import dev.tinsmith.torch.ops.Ops;
import dev.tinsmith.torch.ops.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/// A decoder-only transformer over a flat row of tokens. It owns the base's tensors.
///
/// T rows, D the width of the residual stream, O that of queries, keys and values together.
public final class Decoder implements AutoCloseable {
    private final DecoderSpec spec;
    private final Dtype dtype;
    private final BaseTensors base;
    private final Rope rope;
    private final List<Layer> layers = new ArrayList<>();
    private final RmsNorm lastNorm;
    private final Unembedding unembedding;

    /// @param dtype what matrices are multiplied in
    public Decoder(DecoderSpec spec, Dtype dtype, BaseTensors base) {
        this.spec = spec;
        this.dtype = dtype;
        this.base = base;
        this.rope = new Rope(spec.rope(), spec.heads().size());
        for (int index = 0; index < base.layers().size(); index++) {
            layers.add(layer(index, base.layers().get(index)));
        }
        this.lastNorm = norm(base.norm_D());
        this.unembedding = new Unembedding(base.unembedding_VD());
    }

    private Layer layer(int index, BaseTensors.OfLayer tensors) {
        return new Layer(
                index,
                norm(tensors.attentionNorm_D()),
                projection(index, Site.QKV, tensors.qkv_OD()),
                projection(index, Site.OUT, tensors.out_DO()),
                norm(tensors.mlpNorm_D()),
                projection(index, Site.GATE_UP, tensors.gateUp_MD()),
                projection(index, Site.DOWN, tensors.down_DM()));
    }

    private RmsNorm norm(Tensor weight_D) {
        return new RmsNorm(weight_D, spec.normEps(), dtype);
    }

    private static Projection projection(int layer, Site site, Matrix weight_OI) {
        return new Projection(weight_OI, layer, site);
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

    /// The residual stream at the start, F32.
    public Tensor embed(Tensor tokens_T) {
        return Ops.to(Ops.rows(base.embedding_VD(), tokens_T), Dtype.F32);
    }

    /// Attention within whole sequences.
    public SequenceMixer sequences(Sequences sequences, SequenceMixer.Keep keep) {
        return new SequenceMixer(
                spec.heads(), sequences, rope.at(sequences.positions()), dtype, keep);
    }

    /// Attention within whole prompts, whose keys and values go to `shelves`.
    public PrefillMixer prefill(Sequences sequences, List<PrefillMixer.Shelf> shelves) {
        SequenceMixer mixer = sequences(sequences, SequenceMixer.Keep.INPUTS);
        return new PrefillMixer(mixer, sequences, shelves);
    }

    /// Attention of the next token of each sequence in `slabs`.
    public SlabMixer next(List<KvSlab> slabs) {
        int[] positions =
                slabs.stream()
                        .flatMapToInt(slab -> IntStream.range(0, slab.slots()).map(slab::length))
                        .toArray();
        return new SlabMixer(spec.heads(), rope.at(positions), dtype, slabs);
    }

    /// Passes `h` through every layer, in place.
    public void forward(Tensor h_TD, Mixer mixer, Blend blend) {
        for (Layer layer : layers) {
            try (Scope _ = Scope.open()) {
                layer.forward(h_TD, mixer, blend);
            }
        }
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
            Layer.Kept kept = layer.forward(h_TD, mixer, Blend.all(training.factors()));
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
        unembedding.close();
        rope.close();
        base.close();
    }
}
