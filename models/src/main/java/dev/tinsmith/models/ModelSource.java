package dev.tinsmith.models;

import dev.tinsmith.models.hub.HubRepo;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;

/// Where a base model comes from.
public sealed interface ModelSource {

    /// As the operator would write it, with whole paths; not for clients.
    String text();

    /// A Hugging Face folder on this machine.
    record Folder(Path path) implements ModelSource {
        public Folder {
            path = path.toAbsolutePath().normalize();
        }

        @Override
        public String text() {
            return path.toString();
        }
    }

    /// A GGUF file on this machine.
    record Gguf(Path file) implements ModelSource {
        public Gguf {
            file = file.toAbsolutePath().normalize();
        }

        @Override
        public String text() {
            return file.toString();
        }
    }

    /// A repository of the Hugging Face Hub.
    record Hub(HubRepo repo) implements ModelSource {
        @Override
        public String text() {
            return HubRepo.SCHEME + repo;
        }
    }

    /// Understands what the operator wrote.
    ///
    /// @throws ModelException if it is no source, or nothing is there
    static ModelSource parse(String text) {
        if (text.startsWith(HubRepo.SCHEME)) {
            return HubRepo.parse(text)
                    .<ModelSource>map(Hub::new)
                    .orElseThrow(() ->
                            new ModelException(
                                    "'%s' names no repository of the Hub; write hf:owner/name or hf:owner/name@revision"
                                            .formatted(text)));
        }
        Path path = path(text);
        if (Files.isDirectory(path)) {
            return new Folder(path);
        }
        boolean gguf = text.toLowerCase(Locale.ROOT).endsWith(".gguf");
        if (gguf && Files.isRegularFile(path)) {
            return new Gguf(path);
        }
        throw new ModelException(
                "'%s' is %s; give a folder with config.json, a .gguf file, or hf:owner/name"
                        .formatted(
                                text,
                                Files.exists(path)
                                        ? "neither a folder nor a .gguf file"
                                        : "no file or folder"));
    }

    private static Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException refused) {
            throw new ModelException(
                    "'%s' is no path; give a folder with config.json, a .gguf file, or hf:owner/name"
                            .formatted(text),
                    refused);
        }
    }
}
