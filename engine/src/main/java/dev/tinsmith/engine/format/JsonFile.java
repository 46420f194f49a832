package dev.tinsmith.engine.format;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Files that hold one JSON object. A key that is there twice is refused, since readers differ in
/// which of the two they take.
public final class JsonFile {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private JsonFile() {}

    /// An empty object to fill and write.
    public static ObjectNode empty() {
        return JSON.createObjectNode();
    }

    /// The object in `file`.
    ///
    /// @throws FormatException if there is no such file, or it holds something else
    public static ObjectNode read(Path file) {
        try {
            return parse(nameOf(file), Files.readAllBytes(file));
        } catch (NoSuchFileException missing) {
            throw new FormatException(
                    "%s is missing; a folder of this kind has one".formatted(nameOf(file)),
                    missing);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// The object that `text` spells.
    ///
    /// @param name what to call it in a refusal
    public static ObjectNode parse(String name, byte[] text) {
        try {
            if (JSON.readTree(text) instanceof ObjectNode object) {
                return object;
            }
        } catch (JacksonException broken) {
            throw new FormatException(
                    "%s is not valid JSON (%s); take it from its source again"
                            .formatted(name, broken.getOriginalMessage()),
                    broken);
        }
        throw new FormatException(
                "%s holds no JSON object; take it from its source again".formatted(name));
    }

    /// Writes `content` for people to read, and forces it to the disk.
    public static void write(Path file, JsonNode content) {
        ByteBuffer text =
                ByteBuffer.wrap(JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(content));
        try (FileChannel channel = FileChannel.open(file, CREATE, TRUNCATE_EXISTING, WRITE)) {
            while (text.hasRemaining()) {
                channel.write(text);
            }
            channel.force(true);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// The last part of its path.
    public static String nameOf(Path file) {
        return String.valueOf(file.getFileName());
    }
}
