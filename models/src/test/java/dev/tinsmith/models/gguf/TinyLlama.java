package dev.tinsmith.models.gguf;

import dev.tinsmith.models.tokenizer.TinyTokenizer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/// A GGUF file of a Llama with one layer, as llama.cpp's converter would write it. Number i of a
/// tensor is its seed + i, in Hugging Face's order.
final class TinyLlama {
    static final int HIDDEN = 8;
    static final int INNER = 6;
    static final int HEADS = 2;
    static final int KEY_HEADS = 1;
    static final int HEAD_WIDTH = 4;
    static final int TOKENS = TinyTokenizer.END + 1;
    static final int Q_SEED = 1000;
    static final int K_SEED = 2000;

    private TinyLlama() {}

    /// Everything: sizes, tokenizer, tensors in F32, an unembedding of its own.
    static GgufBytes whole() {
        return tensors(tokenizer(sizes("llama"), "smollm"));
    }

    static GgufBytes sizes(String architecture) {
        return new GgufBytes()
                .text("general.architecture", architecture)
                .integer(architecture + ".context_length", 64)
                .integer(architecture + ".embedding_length", HIDDEN)
                .integer(architecture + ".feed_forward_length", INNER)
                .integer(architecture + ".block_count", 1)
                .integer(architecture + ".attention.head_count", HEADS)
                .integer(architecture + ".attention.head_count_kv", KEY_HEADS)
                .real(architecture + ".attention.layer_norm_rms_epsilon", 1e-5f)
                .real(architecture + ".rope.freq_base", 100_000);
    }

    static GgufBytes tokenizer(GgufBytes bytes, String cut) {
        List<Integer> kinds =
                IntStream.range(0, TOKENS)
                        .map(id -> id == TinyTokenizer.END ? 3 : 1)
                        .boxed()
                        .toList();
        return bytes.text("tokenizer.ggml.model", "gpt2")
                .text("tokenizer.ggml.pre", cut)
                .texts("tokenizer.ggml.tokens", TinyTokenizer.tokens())
                .integers("tokenizer.ggml.token_type", kinds)
                .texts("tokenizer.ggml.merges", TinyTokenizer.merges())
                .integer("tokenizer.ggml.bos_token_id", TinyTokenizer.END)
                .integer("tokenizer.ggml.eos_token_id", TinyTokenizer.END)
                .text("tokenizer.chat_template", "{{ messages }}");
    }

    static GgufBytes tensors(GgufBytes bytes) {
        return plain(body(bytes), "output.weight", 9000, TOKENS, HIDDEN);
    }

    /// A Qwen 2 in the same sizes, tied.
    static GgufBytes qwen2() {
        GgufBytes some = body(tokenizer(sizes("qwen2"), "qwen2"), false);
        some = plain(some, "blk.0.attn_q.bias", 10, HEADS * HEAD_WIDTH);
        some = plain(some, "blk.0.attn_k.bias", 20, KEY_HEADS * HEAD_WIDTH);
        return plain(some, "blk.0.attn_v.bias", 30, KEY_HEADS * HEAD_WIDTH);
    }

    /// A Qwen 3 likewise.
    static GgufBytes qwen3() {
        GgufBytes some = body(tokenizer(sizes("qwen3"), "qwen2"), false);
        some = plain(some, "blk.0.attn_q_norm.weight", 40, HEAD_WIDTH);
        return plain(some, "blk.0.attn_k_norm.weight", 50, HEAD_WIDTH);
    }

    /// All tensors but the unembedding.
    static GgufBytes body(GgufBytes bytes) {
        return body(bytes, true);
    }

    private static GgufBytes body(GgufBytes bytes, boolean woven) {
        GgufBytes some = plain(bytes, "token_embd.weight", 0, TOKENS, HIDDEN);
        some = plain(some, "blk.0.attn_norm.weight", 100, HIDDEN);
        some = turned(some, "blk.0.attn_q.weight", Q_SEED, HEADS, woven);
        some = turned(some, "blk.0.attn_k.weight", K_SEED, KEY_HEADS, woven);
        some = plain(some, "blk.0.attn_v.weight", 3000, KEY_HEADS * HEAD_WIDTH, HIDDEN);
        some = plain(some, "blk.0.attn_output.weight", 4000, HIDDEN, HEADS * HEAD_WIDTH);
        some = plain(some, "blk.0.ffn_norm.weight", 200, HIDDEN);
        some = plain(some, "blk.0.ffn_gate.weight", 5000, INNER, HIDDEN);
        some = plain(some, "blk.0.ffn_up.weight", 6000, INNER, HIDDEN);
        some = plain(some, "blk.0.ffn_down.weight", 7000, HIDDEN, INNER);
        return plain(some, "output_norm.weight", 300, HIDDEN);
    }

    static GgufBytes plain(GgufBytes bytes, String name, int seed, int... shape) {
        return bytes.tensor(name, 0, innermostFirst(shape), GgufBytes.floats(numbers(seed, shape)));
    }

    private static GgufBytes turned(
            GgufBytes bytes, String name, int seed, int heads, boolean woven) {
        return woven
                ? woven(bytes, name, seed, heads)
                : plain(bytes, name, seed, heads * HEAD_WIDTH, HIDDEN);
    }

    /// As the converter does it: rows as [head, half, i], halves and i exchanged.
    private static GgufBytes woven(GgufBytes bytes, String name, int seed, int heads) {
        int[] shape = {heads * HEAD_WIDTH, HIDDEN};
        float[] from = numbers(seed, shape);
        float[] to = new float[from.length];
        int row = 0;
        for (int head = 0; head < heads; head++) {
            for (int i = 0; i < HEAD_WIDTH / 2; i++) {
                for (int half = 0; half < 2; half++) {
                    int source = head * HEAD_WIDTH + half * (HEAD_WIDTH / 2) + i;
                    System.arraycopy(from, source * HIDDEN, to, row * HIDDEN, HIDDEN);
                    row++;
                }
            }
        }
        return bytes.tensor(name, 0, innermostFirst(shape), GgufBytes.floats(to));
    }

    static float[] numbers(int seed, int... shape) {
        float[] numbers = new float[IntStream.of(shape).reduce(1, Math::multiplyExact)];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = seed + i;
        }
        return numbers;
    }

    private static List<Long> innermostFirst(int... shape) {
        List<Long> sizes = new ArrayList<>(IntStream.of(shape).asLongStream().boxed().toList());
        Collections.reverse(sizes);
        return sizes;
    }
}
