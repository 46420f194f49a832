package dev.tinsmith.models.hub;

import dev.tinsmith.engine.format.FolderFile;
import dev.tinsmith.engine.format.FormatException;
import dev.tinsmith.engine.format.JsonFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// The files of a repository that make a model, at one commit.
///
/// @param commit 40 hexadecimal digits
public record HubListing(HubRepo repo, String commit, List<File> files) {
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");
    private static final Pattern SMALL = Pattern.compile(".*\\.(json|txt|model|jinja)");
    private static final Pattern SHARD = Pattern.compile("model-[0-9]+-of-[0-9]+\\.safetensors");
    private static final String SINGLE = "model.safetensors";

    public HubListing {
        files = List.copyOf(files);
    }

    /// One file, directly in the repository's folder.
    ///
    /// @param size in bytes, if the Hub says it
    record File(String name, OptionalLong size, Optional<Checksum> checksum) {}

    /// Reads what the Hub says of `repo`, and keeps what is wanted.
    static HubListing parse(HubRepo repo, byte[] answer) {
        JsonNode said = json(repo, answer);
        String commit = said.path("sha").asString("");
        if (!COMMIT.matcher(commit).matches()) {
            throw new HubException(
                    "the Hub's answer for %s has no commit; check HF_ENDPOINT".formatted(repo));
        }
        List<File> all = new ArrayList<>();
        for (JsonNode sibling : said.path("siblings")) {
            String name = sibling.path("rfilename").asString("");
            refuseTricks(repo, name);
            all.add(file(name, sibling));
        }
        return new HubListing(repo, commit, wanted(repo, all));
    }

    private static JsonNode json(HubRepo repo, byte[] answer) {
        try {
            return JsonFile.parse("the Hub's answer for " + repo, answer);
        } catch (FormatException broken) {
            throw new HubException(
                    "the Hub's answer for %s is no JSON object; check HF_ENDPOINT".formatted(repo),
                    broken);
        }
    }

    private static void refuseTricks(HubRepo repo, String name) {
        boolean leadsOut =
                Arrays.stream(name.split("/", -1))
                        .anyMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."));
        if (leadsOut || name.chars().anyMatch(c -> c < ' ' || c == '\\' || c == ':')) {
            throw new HubException(
                    "%s lists a file '%s', a name that leads out of a folder; nothing of it was downloaded"
                            .formatted(repo, name));
        }
    }

    private static File file(String name, JsonNode sibling) {
        JsonNode large = sibling.path("lfs");
        String hash =
                large.isObject()
                        ? large.path("sha256").asString("")
                        : sibling.path("blobId").asString("");
        return new File(name, sibling.path("size").longValueOpt(), Checksum.of(hash));
    }

    private static List<File> wanted(HubRepo repo, List<File> all) {
        boolean single = all.stream().anyMatch(file -> file.name.equals(SINGLE));
        boolean sharded = all.stream().anyMatch(file -> SHARD.matcher(file.name).matches());
        if (!single && !sharded) {
            throw new HubException(
                    "%s has no safetensors weights; weights in other formats are not read, take another repository"
                            .formatted(repo));
        }
        return all.stream()
                .filter(file -> FolderFile.isPlain(file.name))
                .filter(file ->
                        SMALL.matcher(file.name).matches()
                                || (single
                                        ? file.name.equals(SINGLE)
                                        : SHARD.matcher(file.name).matches()))
                .toList();
    }

    /// How many bytes there are, as far as the Hub says it.
    long bytes() {
        return files.stream().mapToLong(file -> file.size.orElse(0)).sum();
    }

    /// How many of them are not in `folder` yet.
    public long missing(Path folder) throws IOException {
        long missing = bytes();
        for (File file : files) {
            for (Path path : List.of(folder.resolve(file.name), part(folder, file))) {
                missing -= Files.exists(path) ? Files.size(path) : 0;
            }
        }
        return Math.max(0, missing);
    }

    /// Where a file is until it is whole and verified.
    static Path part(Path folder, File file) {
        return folder.resolve(file.name + ".part");
    }
}
