package dev.tinsmith.models;

import dev.tinsmith.engine.format.FolderFile;
import dev.tinsmith.engine.format.WeightFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/// The files of a Hugging Face folder that make a model; everything else stays where it is.
public final class ModelFiles {
    private static final long CHUNK_BYTES = 64L << 20;

    /// Beside the weights: configuration, tokenizer, chat template.
    private static final List<String> SMALL =
            List.of(
                    "config.json",
                    "generation_config.json",
                    "tokenizer.json",
                    "tokenizer_config.json",
                    "tokenizer.model",
                    "special_tokens_map.json",
                    "added_tokens.json",
                    "vocab.json",
                    "merges.txt",
                    "chat_template.jinja",
                    "chat_template.json");

    private ModelFiles() {}

    /// Those of `folder` that are no weights.
    public static List<String> small(Path folder) {
        return SMALL.stream().filter(name -> Files.exists(folder.resolve(name))).toList();
    }

    /// All of `folder`.
    static List<String> all(Path folder) {
        return Stream.concat(small(folder).stream(), WeightFiles.fileNames(folder).stream())
                .toList();
    }

    /// How many bytes `names` take.
    static long bytes(Path folder, List<String> names) throws IOException {
        long bytes = 0;
        for (String name : names) {
            bytes += Files.size(FolderFile.inside(folder, name));
        }
        return bytes;
    }

    /// Copies `names`. Copied and not linked, since an original that is overwritten in place would
    /// change the copy too.
    public static void copy(Path from, List<String> names, Path into, Progress progress)
            throws IOException {
        long total = bytes(from, names);
        long done = 0;
        for (String name : names) {
            try (FileChannel in = FileChannel.open(FolderFile.inside(from, name));
                    FileChannel out =
                            FileChannel.open(
                                    into.resolve(name),
                                    StandardOpenOption.CREATE_NEW,
                                    StandardOpenOption.WRITE)) {
                long size = in.size();
                for (long at = 0; at < size; ) {
                    long copied = in.transferTo(at, Math.min(CHUNK_BYTES, size - at), out);
                    if (copied == 0) {
                        throw new IOException(name + " became shorter while it was copied");
                    }
                    at += copied;
                    done += copied;
                    progress.at(name, done, total);
                }
            }
        }
    }

    /// Gives `names` a second place, on the same disk, without copying a byte.
    static void link(Path from, List<String> names, Path into) throws IOException {
        for (String name : names) {
            Files.createLink(into.resolve(name), FolderFile.inside(from, name));
        }
    }
}
