package dev.tinsmith.models.gguf;

import dev.tinsmith.engine.format.FormatException;
import java.util.Arrays;
import java.util.List;

/// The sizes of a decoder.
///
/// @param inner width of the feed-forward layer
/// @param keyHeads heads that keys and values have
/// @param context tokens it was trained to read
/// @param tied whether the embedding is also the unembedding
record DecoderShape(
        Kind kind,
        int vocabulary,
        int hidden,
        int inner,
        int layers,
        int heads,
        int keyHeads,
        int headWidth,
        int context,
        boolean tied) {
    /// Reads the sizes, and asks that they fit each other.
    static DecoderShape of(GgufFile file) {
        GgufMetadata said = file.metadata();
        Kind kind = Kind.of(said);
        GgufTensor embedding =
                file.tensor(DecoderTensors.EMBEDDING)
                        .orElseThrow(() -> DecoderTensors.missing(file, DecoderTensors.EMBEDDING));
        int hidden = size(said, kind.key("embedding_length"));
        int heads = size(said, kind.key("attention.head_count"));
        int keyHeads = said.integer(kind.key("attention.head_count_kv"), heads);
        int headWidth = said.integer(kind.key("attention.key_length"), hidden / heads);
        check(
                said,
                kind.key("attention.head_count_kv"),
                keyHeads,
                keyHeads > 0 && heads % keyHeads == 0,
                "divide the %d heads".formatted(heads));
        check(
                said,
                kind.key("attention.key_length"),
                headWidth,
                headWidth > 0 && headWidth % 2 == 0,
                "be even");
        same(said, kind.key("attention.value_length"), headWidth);
        same(said, kind.key("rope.dimension_count"), headWidth);
        same(said, kind.key("expert_count"), 0);
        return new DecoderShape(
                kind,
                (int) Math.min(embedding.rows(), Integer.MAX_VALUE),
                hidden,
                size(said, kind.key("feed_forward_length")),
                size(said, kind.key("block_count")),
                heads,
                keyHeads,
                headWidth,
                size(said, kind.key("context_length")),
                !file.tensors().containsKey(DecoderTensors.UNEMBEDDING));
    }

    private static int size(GgufMetadata said, String key) {
        int size = said.integer(key);
        check(said, key, size, size > 0, "be at least 1");
        return size;
    }

    private static void same(GgufMetadata said, String key, int only) {
        int value = said.integer(key, only);
        check(said, key, value, value == only, "be %d in the models that are read".formatted(only));
    }

    private static void check(GgufMetadata said, String key, int value, boolean fits, String rule) {
        if (!fits) {
            throw new FormatException(
                    "%s says %s is %d; it must %s".formatted(said.file(), key, value, rule));
        }
    }

    /// The kinds of model that are read, as llama.cpp calls them. To add one: its line here.
    enum Kind {
        /// Llama, and Mistral, which llama.cpp takes for one.
        LLAMA("llama", "LlamaForCausalLM", true, false, false),
        /// Qwen 2 and 2.5.
        QWEN2("qwen2", "Qwen2ForCausalLM", false, true, false),
        /// Qwen 3, dense.
        QWEN3("qwen3", "Qwen3ForCausalLM", false, false, true);

        private final String key;
        private final String huggingFace;
        private final boolean woven;
        private final boolean biased;
        private final boolean normed;

        Kind(String key, String huggingFace, boolean woven, boolean biased, boolean normed) {
            this.key = key;
            this.huggingFace = huggingFace;
            this.woven = woven;
            this.biased = biased;
            this.normed = normed;
        }

        /// The one that a file names.
        ///
        /// @throws FormatException if it is not known
        static Kind of(GgufMetadata said) {
            String name = said.text("general.architecture");
            return Arrays.stream(values())
                    .filter(known -> known.key.equals(name))
                    .findFirst()
                    .orElseThrow(() ->
                            new FormatException(
                                    "%s holds a model of the architecture '%s'; those that are known are %s"
                                            .formatted(said.file(), name, names())));
        }

        private static List<String> names() {
            return Arrays.stream(values()).map(Kind::key).toList();
        }

        /// What llama.cpp calls it, in metadata too; and `model_type` to Hugging Face.
        String key() {
            return key;
        }

        /// The name of a setting of this architecture.
        String key(String setting) {
            return key + "." + setting;
        }

        /// As `architectures` of `config.json` calls it.
        String huggingFace() {
            return huggingFace;
        }

        /// Whether the converter wove the halves of each query and key together.
        boolean woven() {
            return woven;
        }

        /// Whether queries, keys and values have biases.
        boolean biased() {
            return biased;
        }

        /// Whether each head's queries and keys are normalised.
        boolean normed() {
            return normed;
        }
    }
}
