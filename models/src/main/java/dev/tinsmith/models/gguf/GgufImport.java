package dev.tinsmith.models.gguf;

import dev.tinsmith.engine.format.FormatException;
import dev.tinsmith.models.tokenizer.TokenizerFolder;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/// Turns a GGUF file into the Hugging Face folder that its model was, or would have been, converted
/// from. Quantised weights become the numbers they stand for.
public final class GgufImport {
    private GgufImport() {}

    /// Hears how far a conversion has come.
    @FunctionalInterface
    public interface Progress {
        /// `tensor` is written, and with it `done` of `total` bytes.
        void written(String tensor, long done, long total);
    }

    /// Reads `gguf` and writes a model folder into the empty folder `into`. After a failure, what
    /// lies in `into` is worthless. At most a row of a tensor is held in memory.
    ///
    /// @throws FormatException if the file is broken, or its model or tokenizer is not known
    public static void convert(Path gguf, Path into, Progress progress) {
        requireEmpty(into);
        try (GgufFile file = GgufFile.open(gguf)) {
            convert(file, into, progress);
        }
    }

    private static void convert(GgufFile file, Path into, Progress progress) {
        GgufMetadata said = file.metadata();
        DecoderShape shape = DecoderShape.of(file);
        DecoderTensors tensors = DecoderTensors.of(file, shape);
        GgufTokenizer tokenizer = GgufTokenizer.of(said);
        if (tokenizer.vocabulary().tokens().size() > shape.vocabulary()) {
            throw new FormatException(
                    "%s has %d tokens and embeds %d; convert the model to GGUF again"
                            .formatted(
                                    said.file(),
                                    tokenizer.vocabulary().tokens().size(),
                                    shape.vocabulary()));
        }
        Map<String, Object> config = config(file, shape, tensors, tokenizer);
        try {
            TokenizerFolder.write(
                    into,
                    tokenizer.vocabulary(),
                    tokenizer.model(),
                    said.optionalText("tokenizer.chat_template"),
                    shape.context());
            json(into.resolve("generation_config.json"), ends(tokenizer));
            try (WeightsWriter writer =
                    WeightsWriter.create(into.resolve("model.safetensors"), tensors.specs())) {
                tensors.write(writer, progress);
                writer.finish();
            }
            json(into.resolve("config.json"), config);
        } catch (IOException failure) {
            throw new FormatException(
                    "%s could not be converted: writing failed (%s)"
                            .formatted(said.file(), reason(failure)),
                    failure);
        }
    }

    private static Map<String, Object> config(
            GgufFile file, DecoderShape shape, DecoderTensors tensors, GgufTokenizer tokenizer) {
        GgufMetadata said = file.metadata();
        DecoderShape.Kind kind = shape.kind();
        double theta = said.real(kind.key("rope.freq_base"), 10_000);
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("architectures", List.of(kind.huggingFace()));
        config.put("model_type", kind.key());
        config.put("vocab_size", shape.vocabulary());
        config.put("hidden_size", shape.hidden());
        config.put("intermediate_size", shape.inner());
        config.put("num_hidden_layers", shape.layers());
        config.put("num_attention_heads", shape.heads());
        config.put("num_key_value_heads", shape.keyHeads());
        config.put("head_dim", shape.headWidth());
        config.put("hidden_act", "silu");
        if (kind == DecoderShape.Kind.LLAMA) {
            config.put("attention_bias", false);
            config.put("mlp_bias", false);
        }
        config.put("max_position_embeddings", shape.context());
        config.put("rms_norm_eps", said.real(kind.key("attention.layer_norm_rms_epsilon")));
        config.put("rope_theta", theta);
        RopeScaling.of(file, shape, theta)
                .ifPresent(scaling -> config.put("rope_scaling", scaling));
        config.put("tie_word_embeddings", shape.tied());
        config.put("torch_dtype", tensors.computedAs());
        config.putAll(ends(tokenizer));
        return config;
    }

    /// Which tokens begin, end and fill up a text.
    private static Map<String, Object> ends(GgufTokenizer tokenizer) {
        Map<String, Object> ends = new LinkedHashMap<>();
        tokenizer.vocabulary().bos().ifPresent(id -> ends.put("bos_token_id", id));
        List<Integer> eos = tokenizer.endOfText();
        if (!eos.isEmpty()) {
            ends.put("eos_token_id", eos.size() == 1 ? eos.getFirst() : eos);
        }
        tokenizer.vocabulary().padding().ifPresent(id -> ends.put("pad_token_id", id));
        return ends;
    }

    private static void requireEmpty(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            if (entries.findAny().isPresent()) {
                throw new FormatException(
                        "the folder %s is not empty; a model is converted into an empty one"
                                .formatted(folder.getFileName()));
            }
        } catch (IOException failure) {
            throw new FormatException(
                    "the folder %s cannot be read (%s)"
                            .formatted(folder.getFileName(), failure.getClass().getSimpleName()),
                    failure);
        }
    }

    private static void json(Path file, Object content) throws IOException {
        Files.write(
                file,
                JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsBytes(content));
    }

    /// Why, without the path that the JDK puts before it.
    private static String reason(IOException failure) {
        return failure instanceof FileSystemException system
                ? Objects.requireNonNullElse(system.getReason(), system.getClass().getSimpleName())
                : Objects.requireNonNullElse(
                        failure.getMessage(), failure.getClass().getSimpleName());
    }
}
