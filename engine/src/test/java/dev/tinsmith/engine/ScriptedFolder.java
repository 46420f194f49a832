package dev.tinsmith.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a [ScriptedEngine] saves: a folder as a real engine lays it out, with one tiny adapted
/// matrix, and the run's number among the metadata.
final class ScriptedFolder {
    private static final Pattern RUN =
            Pattern.compile(
                    "\"scripted\":\"(-?\\d+) (\\d+) (\\d+) (-?\\d+) (true|false) (true|false) (true|false)\"");
    private static final String MODULE = "model.layers.0.self_attn.q_proj";

    private ScriptedFolder() {}

    static void write(Path into, ScriptedRun run, boolean withOptimizer) {
        int rank = run.lora().rank();
        String config =
                """
                {"peft_type": "LORA", "task_type": "CAUSAL_LM", "base_model_name_or_path": "%s",
                 "r": %d, "lora_alpha": %d, "target_modules": ["q_proj"], "lora_dropout": 0.0,
                 "bias": "none", "fan_in_fan_out": false, "inference_mode": true,
                 "init_lora_weights": true, "modules_to_save": null}
                """
                        .formatted(run.base(), rank, LoraSpec.ALPHA);
        try {
            Files.writeString(into.resolve("adapter_config.json"), config);
            String module = "base_model.model." + MODULE;
            Files.write(
                    into.resolve("adapter_model.safetensors"),
                    tensors(run, module + ".lora_A.weight", module + ".lora_B.weight"));
            if (withOptimizer) {
                Files.write(
                        into.resolve("optimizer.safetensors"),
                        tensors(run, MODULE + ".lora_A.m", MODULE + ".lora_A.v"));
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// Two F32 matrices of rank × 1 zeros in the safetensors format.
    private static byte[] tensors(ScriptedRun run, String one, String other) {
        LoraSpec lora = run.lora();
        int bytes = 4 * lora.rank();
        String header =
                "{\"__metadata__\":{\"scripted\":\"%d %d %d %d %s %s %s\",\"step\":\"%d\"},\"%s\":{\"dtype\":\"F32\",\"shape\":[%d,1],\"data_offsets\":[0,%d]},\"%s\":{\"dtype\":\"F32\",\"shape\":[%d,1],\"data_offsets\":[%d,%d]}}"
                        .formatted(
                                run.mark(),
                                run.steps(),
                                lora.rank(),
                                lora.seed(),
                                lora.attn(),
                                lora.mlp(),
                                lora.unembed(),
                                run.steps(),
                                one,
                                lora.rank(),
                                bytes,
                                other,
                                lora.rank(),
                                bytes,
                                2 * bytes);
        byte[] text =
                (header + " ".repeat(7 - (header.length() + 7) % 8))
                        .getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(8 + text.length + 2 * bytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(text.length)
                .put(text)
                .array();
    }

    static ScriptedRun read(Path from, String base, boolean withOptimizer) {
        if (withOptimizer && !Files.exists(from.resolve("optimizer.safetensors"))) {
            throw new EngineException(Fault.USER, "the checkpoint has no optimizer state");
        }
        try {
            Matcher run =
                    RUN.matcher(
                            Files.readString(
                                    from.resolve("adapter_model.safetensors"),
                                    StandardCharsets.ISO_8859_1));
            if (!run.find()) {
                throw new EngineException(Fault.USER, "the checkpoint is of another engine");
            }
            return new ScriptedRun(
                    base,
                    new LoraSpec(
                            Integer.parseInt(run.group(3)),
                            Long.parseLong(run.group(4)),
                            Boolean.parseBoolean(run.group(5)),
                            Boolean.parseBoolean(run.group(6)),
                            Boolean.parseBoolean(run.group(7))),
                    Long.parseLong(run.group(1)),
                    withOptimizer ? Integer.parseInt(run.group(2)) : 0);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
