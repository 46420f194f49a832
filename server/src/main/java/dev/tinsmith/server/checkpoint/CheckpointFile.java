package dev.tinsmith.server.checkpoint;

import dev.tinsmith.engine.LoraSpec;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.server.checkpoint.JsonObject.Value;
import dev.tinsmith.server.future.Owner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;

/// `checkpoint.json`, which tells of the directory it lies in.
final class CheckpointFile {
    static final String NAME = "checkpoint.json";

    /// What this server writes, and the newest it reads.
    private static final long VERSION = 1;

    private CheckpointFile() {}

    static void write(Checkpoint checkpoint, Path folder) throws IOException {
        LoraSpec lora = checkpoint.lora();
        JsonObject json =
                new JsonObject()
                        .with("version", VERSION)
                        .with("path", checkpoint.path().toString())
                        .with("kind", checkpoint.path().kind().segment())
                        .with("id", checkpoint.id())
                        .with("owner", checkpoint.owner().value())
                        .with("base_model", checkpoint.baseModel())
                        .with("time", checkpoint.time().toString())
                        .with("size_bytes", checkpoint.size())
                        .with(
                                "lora",
                                new JsonObject()
                                        .with("rank", lora.rank())
                                        .with("seed", lora.seed())
                                        .with("train_attn", lora.attn())
                                        .with("train_mlp", lora.mlp())
                                        .with("train_unembed", lora.unembed()))
                        .with("user_metadata", JsonObject.of(checkpoint.metadata()))
                        .with(
                                "run",
                                new JsonObject()
                                        .with("id", checkpoint.path().run().value())
                                        .with("created", checkpoint.run().created().toString())
                                        .with(
                                                "user_metadata",
                                                JsonObject.of(checkpoint.run().metadata())));
        checkpoint.expires().ifPresent(end -> json.with("expires_at", end.toString()));
        Durable.write(folder.resolve(NAME), json.toString());
    }

    /// @throws IllegalArgumentException if the file says nothing that makes sense, and why
    static Checkpoint read(Path folder) throws IOException {
        JsonObject json = JsonObject.parse(Files.readString(folder.resolve(NAME)));
        if (json.number("version") != VERSION) {
            throw new IllegalArgumentException(
                    "%s is of version %d; this server reads %d"
                            .formatted(NAME, json.number("version"), VERSION));
        }
        JsonObject lora = json.object("lora");
        JsonObject run = json.object("run");
        CheckpointPath path = CheckpointPath.parse(json.text("path"));
        if (!path.run().equals(new RunId(run.text("id")))) {
            throw new IllegalArgumentException(
                    "%s is of run '%s', and its path says '%s'"
                            .formatted(NAME, run.text("id"), path));
        }
        return new Checkpoint(
                json.text("id"),
                path,
                folder,
                new Owner(json.text("owner")),
                json.text("base_model"),
                new LoraSpec(
                        Math.toIntExact(lora.number("rank")),
                        lora.number("seed"),
                        lora.truth("train_attn"),
                        lora.truth("train_mlp"),
                        lora.truth("train_unembed")),
                instant(json.text("time")),
                json.number("size_bytes"),
                json.object("user_metadata").texts(),
                json.maybe("expires_at").map(Value::text).map(CheckpointFile::instant),
                new Checkpoint.Origin(
                        instant(run.text("created")), run.object("user_metadata").texts()));
    }

    private static Instant instant(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeException _) {
            throw new IllegalArgumentException("'%s' is no instant".formatted(text));
        }
    }
}
