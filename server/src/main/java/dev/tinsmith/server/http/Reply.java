package dev.tinsmith.server.http;

import dev.tinsmith.protocol.codec.Json;
import java.nio.file.Path;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/// What a client is told.
public record Reply(
        int status, String contentType, SortedMap<String, String> headers, Content content) {
    public Reply {
        headers = Collections.unmodifiableSortedMap(new TreeMap<>(headers));
    }

    /// All is well, and here is `answer`.
    public static Reply json(Object answer) {
        return json(200, answer);
    }

    /// `answer` under another status.
    public static Reply json(int status, Object answer) {
        return bytes(status, "application/json", Json.write(answer));
    }

    /// A binary answer. The array is the reply's from now on.
    public static Reply protobuf(byte[] message) {
        return bytes(200, "application/x-protobuf", message);
    }

    /// A file, sent as it is.
    public static Reply file(Path file, String contentType) {
        return passing(file, contentType, () -> {});
    }

    /// A file that is sent once.
    ///
    /// @param sent called when it was, or could not be
    public static Reply passing(Path file, String contentType, Runnable sent) {
        return new Reply(200, contentType, new TreeMap<>(), new File(file, sent));
    }

    /// The same reply with one more header.
    public Reply with(String header, String value) {
        SortedMap<String, String> more = new TreeMap<>(headers);
        more.put(header, value);
        return new Reply(status, contentType, more, content);
    }

    /// How large its content is; a file counts as nothing.
    public long bytes() {
        return switch (content) {
            case Bytes memory -> memory.bytes().length;
            case File _ -> 0;
        };
    }

    /// What is written already. The array is the reply's from now on.
    public static Reply bytes(int status, String contentType, byte[] bytes) {
        return new Reply(status, contentType, new TreeMap<>(), new Bytes(bytes));
    }

    /// What follows the headers.
    public sealed interface Content permits Bytes, File {}

    /// Held in memory.
    static final class Bytes implements Content {
        private final byte[] bytes;

        Bytes(byte[] bytes) {
            this.bytes = bytes;
        }

        byte[] bytes() {
            return bytes;
        }
    }

    /// Read from the disk while it is sent.
    record File(Path path, Runnable sent) implements Content {}
}
