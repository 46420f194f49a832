package dev.tinsmith.models.gguf;

import dev.tinsmith.engine.format.DType;
import dev.tinsmith.engine.format.FormatException;
import dev.tinsmith.engine.format.TensorSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// The tensors of a decoder, from llama.cpp's names and order of rows to Hugging Face's.
final class DecoderTensors {
    /// Read as part of the configuration.
    static final String ROPE_FACTORS = "rope_freqs.weight";

    static final String EMBEDDING = "token_embd.weight";
    static final String UNEMBEDDING = "output.weight";

    private final GgufFile file;
    private final String name;
    private final List<Moved> moved = new ArrayList<>();

    private DecoderTensors(GgufFile file) {
        this.file = file;
        this.name = file.metadata().file();
    }

    /// Finds each tensor that `shape` asks for.
    ///
    /// @throws FormatException if one is missing, has another shape, or is not of its kind
    static DecoderTensors of(GgufFile file, DecoderShape shape) {
        DecoderTensors tensors = new DecoderTensors(file);
        long hidden = shape.hidden();
        tensors.add(EMBEDDING, "model.embed_tokens.weight", shape.vocabulary(), hidden);
        for (int layer = 0; layer < shape.layers(); layer++) {
            String from = "blk." + layer + ".";
            String to = "model.layers." + layer + ".";
            tensors.attention(from, to, shape);
            tensors.add(from + "ffn_norm.weight", to + "post_attention_layernorm.weight", hidden);
            tensors.add(
                    from + "ffn_gate.weight", to + "mlp.gate_proj.weight", shape.inner(), hidden);
            tensors.add(from + "ffn_up.weight", to + "mlp.up_proj.weight", shape.inner(), hidden);
            tensors.add(
                    from + "ffn_down.weight", to + "mlp.down_proj.weight", hidden, shape.inner());
        }
        tensors.add("output_norm.weight", "model.norm.weight", hidden);
        if (!shape.tied()) {
            tensors.add(UNEMBEDDING, "lm_head.weight", shape.vocabulary(), hidden);
        }
        tensors.refuseStrangers();
        return tensors;
    }

    private void attention(String from, String to, DecoderShape shape) {
        long hidden = shape.hidden();
        long queries = (long) shape.heads() * shape.headWidth();
        long keys = (long) shape.keyHeads() * shape.headWidth();
        add(from + "attn_norm.weight", to + "input_layernorm.weight", hidden);
        turned(from + "attn_q.weight", to + "self_attn.q_proj.weight", shape, queries, hidden);
        turned(from + "attn_k.weight", to + "self_attn.k_proj.weight", shape, keys, hidden);
        add(from + "attn_v.weight", to + "self_attn.v_proj.weight", keys, hidden);
        add(from + "attn_output.weight", to + "self_attn.o_proj.weight", hidden, queries);
        if (shape.kind().biased()) {
            add(from + "attn_q.bias", to + "self_attn.q_proj.bias", queries);
            add(from + "attn_k.bias", to + "self_attn.k_proj.bias", keys);
            add(from + "attn_v.bias", to + "self_attn.v_proj.bias", keys);
        }
        if (shape.kind().normed()) {
            add(from + "attn_q_norm.weight", to + "self_attn.q_norm.weight", shape.headWidth());
            add(from + "attn_k_norm.weight", to + "self_attn.k_norm.weight", shape.headWidth());
        }
    }

    /// What the folder's weights file holds. What is stored plainly stays as it is; what is
    /// quantised is given in full.
    List<TensorSpec> specs() {
        return moved.stream()
                .map(one -> new TensorSpec(one.name(), dtype(one.tensor()), one.tensor().shape()))
                .toList();
    }

    /// The type in which a model is best computed: that of its matrices if they share one.
    String computedAs() {
        Set<DType> types = new HashSet<>();
        moved.stream()
                .filter(one -> one.tensor().shape().size() > 1)
                .forEach(one -> types.add(dtype(one.tensor())));
        return types.equals(Set.of(DType.BF16))
                ? "bfloat16"
                : types.equals(Set.of(DType.F16)) ? "float16" : "float32";
    }

    /// Writes every tensor, in the order of [#specs()].
    void write(WeightsWriter writer, GgufImport.Progress progress) throws IOException {
        long total = specs().stream().mapToLong(TensorSpec::bytes).sum();
        long done = 0;
        for (Moved one : moved) {
            write(writer, one);
            done += new TensorSpec(one.name(), dtype(one.tensor()), one.tensor().shape()).bytes();
            progress.written(one.name(), done, total);
        }
    }

    private static void write(WeightsWriter writer, Moved one) throws IOException {
        GgufTensor tensor = one.tensor();
        boolean plain = isPlain(tensor);
        float[] numbers = new float[plain ? 0 : tensor.columns()];
        for (long row = 0; row < tensor.rows(); row++) {
            long source = one.headWidth() == 0 ? row : turnedRow(row, one.headWidth());
            if (plain) {
                writer.bytes(tensor.row(source));
            } else {
                tensor.read(source, numbers);
                writer.floats(numbers, numbers.length);
            }
        }
    }

    /// Where llama.cpp keeps row `row` of a query or key matrix. It rotates neighbours, Hugging
    /// Face rotates the first half of a head with the second, so a converter has woven the halves
    /// of each head together: a b c | x y z became a x b y c z.
    static long turnedRow(long row, int headWidth) {
        long head = row / headWidth;
        long half = headWidth / 2;
        long inHead = row % headWidth;
        return head * headWidth + inHead % half * 2 + inHead / half;
    }

    private void add(String from, String to, long... shape) {
        moved.add(new Moved(to, find(from, shape), 0));
    }

    private void turned(String from, String to, DecoderShape model, long... shape) {
        moved.add(new Moved(to, find(from, shape), model.kind().woven() ? model.headWidth() : 0));
    }

    private GgufTensor find(String tensor, long... shape) {
        GgufTensor found = file.tensor(tensor).orElseThrow(() -> missing(file, tensor));
        List<Long> wanted = Arrays.stream(shape).boxed().toList();
        if (!found.shape().equals(wanted)) {
            throw new FormatException(
                    "%s has tensor %s in the shape %s; its metadata ask for %s, convert the model to GGUF again"
                            .formatted(name, tensor, found.shape(), wanted));
        }
        return found;
    }

    static FormatException missing(GgufFile file, String tensor) {
        return new FormatException(
                "%s has no tensor %s, which every model of its kind has; convert the model to GGUF again"
                        .formatted(file.metadata().file(), tensor));
    }

    private void refuseStrangers() {
        Map<String, GgufTensor> strangers = new TreeMap<>(file.tensors());
        strangers.remove(ROPE_FACTORS);
        strangers.values().removeAll(moved.stream().map(Moved::tensor).toList());
        if (!strangers.isEmpty()) {
            throw new FormatException(
                    "%s has %d tensors that a model of this kind does not have, such as %s; its model cannot be computed here"
                            .formatted(
                                    name, strangers.size(), strangers.keySet().iterator().next()));
        }
    }

    private static boolean isPlain(GgufTensor tensor) {
        return tensor.type().elements() == 1;
    }

    private static DType dtype(GgufTensor tensor) {
        return switch (tensor.type()) {
            case F16 -> DType.F16;
            case BF16 -> DType.BF16;
            case F32, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K, Q6_K -> DType.F32;
        };
    }

    /// A tensor and its new name; `headWidth` is 0 unless its rows are to be unwoven.
    private record Moved(String name, GgufTensor tensor, int headWidth) {}
}
