package dev.tinsmith.models;

import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.format.FormatException;
import dev.tinsmith.engine.format.HfConfig;
import dev.tinsmith.engine.format.JsonFile;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A base model under the data directory.
///
/// @param folder a Hugging Face folder
/// @param architecture as its configuration calls it
/// @param parameters numbers in its weights, a shared embedding counted once
/// @param bytes that its folder takes
/// @param maxContextLength tokens it reads at once
/// @param vocabulary tokens it knows, padding of its embedding included
/// @param source where it came from, as the operator wrote it; not for clients
public record InstalledModel(
        String name,
        Path folder,
        String architecture,
        long parameters,
        long bytes,
        int maxContextLength,
        int vocabulary,
        String source,
        Instant addedAt) {
    /// What we know of a model beyond its own files.
    static final String FILE = "tinsmith.json";

    /// As the engine knows it.
    public Base base() {
        return new Base(name, folder);
    }

    /// Describes a model whose files are in `folder`.
    static void describe(
            Path folder, String name, String source, long parameters, long bytes, Instant addedAt) {
        ObjectNode said = JsonFile.empty();
        said.put("name", name);
        said.put("source", source);
        said.put("added_at", addedAt.toString());
        said.put("parameters", parameters);
        said.put("bytes", bytes);
        JsonFile.write(folder.resolve(FILE), said);
    }

    /// Reads what [#describe] wrote.
    ///
    /// @throws FormatException if the folder is none of ours, or was damaged
    static InstalledModel read(Path folder) {
        ObjectNode said = JsonFile.read(folder.resolve(FILE));
        HfConfig config = HfConfig.read(folder);
        return new InstalledModel(
                text(said, "name"),
                folder,
                config.architecture(),
                said.path("parameters").asLong(0),
                said.path("bytes").asLong(0),
                config.integer("max_position_embeddings"),
                config.integer("vocab_size"),
                text(said, "source"),
                addedAt(said));
    }

    private static String text(JsonNode said, String key) {
        return said.path(key)
                .stringValueOpt()
                .orElseThrow(() -> new FormatException("%s lacks %s".formatted(FILE, key)));
    }

    private static Instant addedAt(JsonNode said) {
        try {
            return Instant.parse(text(said, "added_at"));
        } catch (DateTimeParseException refused) {
            throw new FormatException("%s: added_at is no time".formatted(FILE), refused);
        }
    }
}
