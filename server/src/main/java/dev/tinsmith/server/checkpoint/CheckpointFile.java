package dev.tinsmith.server.checkpoint;

import dev.tinsmith.engine.LoraSpec;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.engine.format.FormatException;
import dev.tinsmith.engine.format.JsonFile;
import dev.tinsmith.server.disk.Durable;
import dev.tinsmith.server.future.Owner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `checkpoint.json`, which tells of the directory it lies in.
final class CheckpointFile {
    static final String NAME = "checkpoint.json";

    /// What this server writes, and the newest it reads.
    private static final long VERSION = 1;

    private CheckpointFile() {}

    static void write(Checkpoint checkpoint, Path folder) throws IOException {
        LoraSpec lora = checkpoint.lora();
        ObjectNode json =
                JsonFile.empty()
                        .put("version", VERSION)
                        .put("path", checkpoint.path().toString())
                        .put("kind", checkpoint.path().kind().segment())
                        .put("id", checkpoint.id())
                        .put("owner", checkpoint.owner().value())
                        .put("base_model", checkpoint.baseModel())
                        .put("time", checkpoint.time().toString())
                        .put("size_bytes", checkpoint.size());
        json.putObject("lora")
                .put("rank", lora.rank())
                .put("seed", lora.seed())
                .put("train_attn", lora.attn())
                .put("train_mlp", lora.mlp())
                .put("train_unembed", lora.unembed());
        checkpoint.metadata().forEach(json.putObject("user_metadata")::put);
        ObjectNode run =
                json.putObject("run")
                        .put("id", checkpoint.path().run().value())
                        .put("created", checkpoint.run().created().toString());
        checkpoint.run().metadata().forEach(run.putObject("user_metadata")::put);
        checkpoint.run().sequence().ifPresent(number -> run.put("sequence", number));
        json.put("public", checkpoint.isPublic());
        checkpoint.expires().ifPresent(end -> json.put("expires_at", end.toString()));
        Durable.write(folder.resolve(NAME), json.toPrettyString());
    }

    /// @throws IllegalArgumentException if the file says nothing that makes sense, and why
    static Checkpoint read(Path folder) throws IOException {
        try {
            return read(JsonFile.parse(NAME, Files.readAllBytes(folder.resolve(NAME))), folder);
        } catch (FormatException | JacksonException | DateTimeException broken) {
            throw new IllegalArgumentException(
                    "%s makes no sense: %s".formatted(NAME, broken.getMessage()), broken);
        }
    }

    private static Checkpoint read(JsonNode json, Path folder) {
        long version = json.required("version").longValue();
        if (version != VERSION) {
            throw new IllegalArgumentException(
                    "%s is of version %d; this server reads %d".formatted(NAME, version, VERSION));
        }
        JsonNode run = json.required("run");
        CheckpointPath path = CheckpointPath.parse(text(json, "path"));
        if (!path.run().equals(new RunId(text(run, "id")))) {
            throw new IllegalArgumentException(
                    "%s is of run '%s', and its path says '%s'"
                            .formatted(NAME, text(run, "id"), path));
        }
        return new Checkpoint(
                text(json, "id"),
                path,
                folder,
                new Owner(text(json, "owner")),
                text(json, "base_model"),
                lora(json.required("lora")),
                instant(json.required("time")),
                json.required("size_bytes").longValue(),
                texts(json.required("user_metadata")),
                Optional.of(json.path("expires_at"))
                        .filter(JsonNode::isString)
                        .map(CheckpointFile::instant),
                json.path("public").asBoolean(false),
                new Checkpoint.Origin(
                        instant(run.required("created")),
                        texts(run.required("user_metadata")),
                        Optional.of(run.path("sequence"))
                                .filter(JsonNode::isNumber)
                                .map(JsonNode::longValue)));
    }

    private static LoraSpec lora(JsonNode json) {
        return new LoraSpec(
                json.required("rank").intValue(),
                json.required("seed").longValue(),
                json.required("train_attn").booleanValue(),
                json.required("train_mlp").booleanValue(),
                json.required("train_unembed").booleanValue());
    }

    private static String text(JsonNode json, String key) {
        return json.required(key).stringValue();
    }

    private static Instant instant(JsonNode json) {
        return Instant.parse(json.stringValue());
    }

    private static SortedMap<String, String> texts(JsonNode json) {
        SortedMap<String, String> texts = new TreeMap<>();
        for (Map.Entry<String, JsonNode> property : json.properties()) {
            texts.put(property.getKey(), property.getValue().stringValue());
        }
        return texts;
    }
}
