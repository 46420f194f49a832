package dev.tinsmith.server.hub;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// The small files of a model, as a commit of a repository: what a client needs to turn text into
/// tokens, and never the weights.
///
/// @param commit 40 hexadecimal digits that change when a file does
record HubFolder(String commit, SortedMap<String, Entry> files) {
    /// All that is ever shown.
    private static final List<String> SHOWN =
            List.of(
                    "added_tokens.json",
                    "chat_template.jinja",
                    "chat_template.json",
                    "config.json",
                    "generation_config.json",
                    "merges.txt",
                    "preprocessor_config.json",
                    "special_tokens_map.json",
                    "tokenizer.json",
                    "tokenizer.model",
                    "tokenizer_config.json",
                    "vocab.json",
                    "vocab.txt");

    HubFolder {
        files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
    }

    /// Reads each file once, for its id.
    static HubFolder read(Path folder) {
        SortedMap<String, Entry> files = new TreeMap<>();
        MessageDigest commit = sha1();
        for (String name : SHOWN) {
            Path file = folder.resolve(name);
            if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                Entry entry = entry(file);
                files.put(name, entry);
                commit.update((name + " " + entry.oid()).getBytes(StandardCharsets.UTF_8));
            }
        }
        return new HubFolder(HexFormat.of().formatHex(commit.digest()), files);
    }

    /// One file.
    ///
    /// @param oid the id that git gives to its contents
    record Entry(Path file, long size, String oid) {}

    private static Entry entry(Path file) {
        MessageDigest digest = sha1();
        try (InputStream in = Files.newInputStream(file);
                var counted = new DigestInputStream(in, digest)) {
            long size = Files.size(file);
            digest.update("blob %d\0".formatted(size).getBytes(StandardCharsets.UTF_8));
            long read = counted.transferTo(OutputStream.nullOutputStream());
            return new Entry(file, read, HexFormat.of().formatHex(digest.digest()));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static MessageDigest sha1() {
        try {
            return MessageDigest.getInstance("SHA-1");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-1", impossible);
        }
    }
}
