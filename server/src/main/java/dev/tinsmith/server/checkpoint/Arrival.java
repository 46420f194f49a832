package dev.tinsmith.server.checkpoint;

import dev.tinsmith.engine.LoraSpec;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.engine.format.JsonFile;
import dev.tinsmith.server.disk.Durable;
import dev.tinsmith.server.future.Owner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A checkpoint that comes in from outside, whether a server uses the data directory or not.
///
/// It is a run of its own, into which nobody else writes, and is there twice: once to train from
/// and once to sample from. Its directory appears whole, by one rename, and a server finds it when
/// it is next asked. Whoever begins one closes it, which removes what was not finished.
public final class Arrival implements AutoCloseable {
    /// With which the names of such runs begin.
    static final String PREFIX = "import-";

    private static final Pattern UNFINISHED = Pattern.compile("\\.arriving-(\\d+)-.*");

    private final Path root;
    private final Path draft;
    private final List<CheckpointPath> paths;

    private Arrival(Path root, Path draft, List<CheckpointPath> paths) {
        this.root = root;
        this.draft = draft;
        this.paths = paths;
    }

    /// What is known of it beside its files.
    ///
    /// @param metadata where it comes from; clients see it
    /// @param timeToLive empty: for ever
    public record Facts(
            Owner owner,
            String baseModel,
            LoraSpec lora,
            SortedMap<String, String> metadata,
            Optional<Duration> timeToLive) {
        public Facts {
            metadata = Collections.unmodifiableSortedMap(new TreeMap<>(metadata));
        }
    }

    /// Begins one in this data directory.
    ///
    /// @param name the last part of its paths
    /// @throws IllegalArgumentException if no checkpoint may be called so
    public static Arrival begin(Path dataDirectory, String name) throws IOException {
        RunId run = new RunId(PREFIX + UUID.randomUUID().toString().substring(24));
        List<CheckpointPath> paths =
                List.of(
                        new CheckpointPath(run, CheckpointKind.WEIGHTS, name),
                        new CheckpointPath(run, CheckpointKind.SAMPLER_WEIGHTS, name));
        Path root = dataDirectory.resolve(FileStore.CHECKPOINTS);
        Files.createDirectories(root);
        clear(root);
        long process = ProcessHandle.current().pid();
        Path draft = root.resolve(".arriving-%d-%s".formatted(process, run.value()));
        Files.createDirectories(FileStore.folder(draft, paths.getFirst()));
        return new Arrival(root, draft, paths);
    }

    /// Removes what processes began that are no more.
    private static void clear(Path root) throws IOException {
        for (Path folder : Durable.directories(root)) {
            Matcher unfinished = UNFINISHED.matcher(JsonFile.nameOf(folder));
            if (unfinished.matches()
                    && ProcessHandle.of(Long.parseLong(unfinished.group(1))).isEmpty()) {
                Durable.delete(folder);
            }
        }
    }

    /// The empty folder for its files.
    public Path folder() {
        return FileStore.folder(draft, paths.getFirst());
    }

    /// Makes what lies in [#folder] a checkpoint as of `now`.
    ///
    /// @return it, as what it is good for
    public List<Checkpoint> finish(Facts facts, Instant now) throws IOException {
        List<Checkpoint> arrived = new ArrayList<>();
        for (CheckpointPath path : paths) {
            Path place = FileStore.folder(draft, path);
            if (!place.equals(folder())) {
                repeat(folder(), Files.createDirectories(place));
            }
            Checkpoint checkpoint =
                    new Checkpoint(
                            UUID.randomUUID().toString(),
                            path,
                            FileStore.folder(root, path),
                            facts.owner(),
                            facts.baseModel(),
                            facts.lora(),
                            now,
                            FileStore.size(place),
                            facts.metadata(),
                            facts.timeToLive().map(now::plus),
                            false,
                            new Checkpoint.Origin(now, facts.metadata(), Optional.empty()));
            CheckpointFile.write(checkpoint, place);
            Durable.syncAll(place);
            arrived.add(checkpoint);
        }
        Path run = draft.resolve(FolderName.of(paths.getFirst().run().value()));
        Durable.move(run, root.resolve(JsonFile.nameOf(run)));
        return arrived;
    }

    private static void repeat(Path from, Path into) throws IOException {
        for (Path file : Durable.files(from)) {
            if (!file.endsWith(CheckpointFile.NAME)) {
                FileStore.link(file, into.resolve(JsonFile.nameOf(file)));
            }
        }
    }

    @Override
    public void close() throws IOException {
        Durable.delete(draft);
    }
}
